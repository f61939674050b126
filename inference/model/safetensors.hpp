#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace punctum {

enum class TensorType { f32, f16 };

/// One tensor of a weights file, widened to float.
struct StoredTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

struct WeightsFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a safetensors file: u64 length, JSON header, flat buffer. Nothing in it is trusted or executed: header size,
/// types, shapes and offsets are checked, tensors must cover the buffer exactly, and every number must be finite.
/// @throws ModelError naming file, tensor, found and expected.
WeightsFile read_safetensors(const std::filesystem::path& path);

/// @throws ModelError for a number that is not finite or does not fit f16; StorageError if it cannot be written.
void write_safetensors(const std::filesystem::path& path, const WeightsFile& weights, TensorType type);

}  // namespace punctum
