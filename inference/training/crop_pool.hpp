#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "inference/training/training_source.hpp"

namespace punctum {

struct CropPoolOptions {
  std::uint64_t seed = 1;       ///< of the first crop
  int crop_size = 56;           ///< a little more than the network sees, so that crops can shift
  std::size_t capacity = 1200;  ///< crops held in memory; the oldest leaves first
  double uses_per_crop = 6;     ///< samples drawn before the oldest crop leaves
  int workers = 1;              ///< threads that make crops
  double fine_mm = 1.5, coarse_mm = 3.0, detail_mm = 0;  ///< 0: there is no closer look
};

/// Numbers of the crops that a sample may be drawn from.
struct CropWindow {
  std::int64_t first = 0, count = 0;
};

/// Crops by number, made by threads of its own, each used several times. Which crops sample n may be drawn from
/// depends on n alone and crop i on i alone, not on who is faster: a resumed training sees what an uninterrupted one
/// would have seen. The threads end with the pool.
class CropPool {
 public:
  /// @param first_sample where the training goes on; the window is filled again from there.
  CropPool(std::vector<TrainingSource> sources, const CropPoolOptions& options, std::int64_t first_sample);
  ~CropPool();
  CropPool(const CropPool&) = delete;
  CropPool& operator=(const CropPool&) = delete;

  /// Grows with the samples until it holds the capacity, then moves on.
  CropWindow window(std::int64_t sample) const;
  /// Waits until it is made. @throws what its source threw. Any thread.
  std::shared_ptr<const TrainingCrop> at(std::int64_t number);
  /// Samples before this one will not be asked for again.
  void pass(std::int64_t sample);

 private:
  void end();
  void generate();
  /// The number of the next crop to make. @return nothing when the pool ends. Waits.
  std::optional<std::int64_t> next_to_make();
  void keep(std::int64_t number, std::shared_ptr<const TrainingCrop> crop);
  bool is_there(std::int64_t number) const;
  TrainingCrop make(std::int64_t number) const;
  double spacing_for(double drawn, const TrainingSource& source) const;

  std::vector<TrainingSource> sources_;
  CropPoolOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const TrainingCrop>> crops_;  // null: being made
  std::int64_t first_;                                     // number of crops_.front(), whether it is there or not
  std::int64_t begun_;                                     // one past the last crop that somebody makes or has made
  std::int64_t wanted_;                                    // one past the last crop that may be needed soon
  bool ending_ = false;
  std::exception_ptr failure_;
  std::vector<std::jthread> generators_;  // last: everything above lives when they start
};

}  // namespace punctum
