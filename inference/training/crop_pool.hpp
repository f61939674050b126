#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "inference/training/training_crop.hpp"

namespace punctum {

struct CropPoolOptions {
  int crop_size = 56;           ///< a little more than the network sees, so that crops can shift
  std::size_t capacity = 1200;  ///< crops held in memory; the oldest leaves first
  std::size_t ready = 32;       ///< training waits until so many are there
  double uses_per_crop = 6;     ///< the generator sleeps while crops are used less often than this
  double background_share = 0.08;
  double coarse_share = 0.2;  ///< at the coarser spacing
  double fine_mm = 1.5, coarse_mm = 3.0;
};

/// Crops from a generator thread of its own, each used several times. The thread ends with the pool.
class CropPool {
 public:
  CropPool(CropSource source, const CropPoolOptions& options, std::uint64_t first_seed);
  ~CropPool();
  CropPool(const CropPool&) = delete;
  CropPool& operator=(const CropPool&) = delete;

  /// Any crop of the pool. Waits until there are enough. @throws what the source threw.
  std::shared_ptr<const TrainingCrop> take(std::mt19937_64& random);
  std::uint64_t next_seed() const;  ///< for a checkpoint: the first seed not used yet

 private:
  void generate();
  CropRequest request_for(std::uint64_t seed) const;

  CropSource source_;
  CropPoolOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const TrainingCrop>> crops_;
  std::uint64_t next_seed_;
  double uses_left_ = 0;  // until the next crop is due
  bool ending_ = false;
  std::exception_ptr failure_;
  std::thread generator_;  // last: everything above lives when it starts
};

}  // namespace punctum
