#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace punctum {

/// What a training has reported so far, kept in progress.jsonl and drawn as curves.svg.
class Progress {
 public:
  /// Reads what an earlier run left; lines beyond the step from which it goes on are dropped.
  Progress(std::filesystem::path folder, std::int64_t resumed_step);

  /// @param line {"kind": "train" or "validate", "step": ..., numbers}. @throws StorageError.
  void add(const nlohmann::json& line);
  /// Losses, learning rate and validation by step, one chart each. @throws StorageError.
  void draw() const;

 private:
  std::filesystem::path folder_;
  std::vector<nlohmann::json> lines_;
};

}  // namespace punctum
