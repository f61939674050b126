#include "inference/training/crop_pool.hpp"

#include <algorithm>

#include "inference/phantom/phantom.hpp"

namespace punctum {

CropPool::CropPool(CropSource source, const CropPoolOptions& options, std::uint64_t first_seed)
    : source_(std::move(source)), options_(options), next_seed_(first_seed), generator_([this] { generate(); }) {}

CropPool::~CropPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  generator_.join();
}

CropRequest CropPool::request_for(std::uint64_t seed) const {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15ULL + 7);
  const auto chance = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  CropRequest request;
  request.seed = seed;
  request.size = options_.crop_size;
  request.spacing_mm = chance() < options_.coarse_share ? options_.coarse_mm : options_.fine_mm;
  request.background = chance() < options_.background_share;
  return request;
}

void CropPool::generate() {
  try {
    for (;;) {
      std::uint64_t seed = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || crops_.size() < options_.capacity || uses_left_ <= 0; });
        if (ending_) return;
        seed = next_seed_++;
        if (next_seed_ >= first_evaluation_seed) next_seed_ = 1;  // evaluation seeds are never trained on
        uses_left_ += options_.uses_per_crop;
      }
      auto crop = std::make_shared<const TrainingCrop>(source_(request_for(seed)));
      const std::lock_guard lock(mutex_);
      crops_.push_back(std::move(crop));
      if (crops_.size() > options_.capacity) crops_.pop_front();
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

std::shared_ptr<const TrainingCrop> CropPool::take(std::mt19937_64& random) {
  std::unique_lock lock(mutex_);
  const auto enough = std::min(options_.ready, options_.capacity);
  changed_.wait(lock, [&] { return failure_ || crops_.size() >= enough; });
  if (failure_) std::rethrow_exception(failure_);
  uses_left_ -= 1;
  if (uses_left_ <= 0) changed_.notify_all();
  return crops_[random() % crops_.size()];
}

std::uint64_t CropPool::next_seed() const {
  const std::lock_guard lock(mutex_);
  return next_seed_;
}

}  // namespace punctum
