#include "inference/training/crop_pool.hpp"

#include <algorithm>
#include <random>

#include "inference/phantom/phantom.hpp"
#include "inference/training/chance.hpp"

namespace punctum {
namespace {

constexpr std::int64_t first_window = 32;

}  // namespace

CropPool::CropPool(std::vector<TrainingSource> sources, const CropPoolOptions& options, std::int64_t first_sample)
    : sources_(std::move(sources)), options_(options), first_(window(first_sample).first), wanted_(first_) {
  pass(first_sample);
  generator_ = std::thread([this] { generate(); });
}

CropPool::~CropPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  generator_.join();
}

CropWindow CropPool::window(std::int64_t sample) const {
  const auto capacity = static_cast<std::int64_t>(options_.capacity);
  return {static_cast<std::int64_t>(static_cast<double>(sample) / options_.uses_per_crop),
          std::min(capacity, first_window + sample)};
}

double CropPool::spacing_for(double drawn, const TrainingSource& source) const {
  if (drawn < source.coarse_share) return options_.coarse_mm;
  const bool closer = options_.detail_mm > 0 && drawn < source.coarse_share + source.detail_share;
  return closer ? options_.detail_mm : options_.fine_mm;
}

TrainingCrop CropPool::make(std::int64_t number) const {
  // Evaluation seeds are never trained on.
  const std::uint64_t seed = 1 + (options_.seed + static_cast<std::uint64_t>(number)) % (first_evaluation_seed - 1);
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15ULL + 7);
  std::vector<double> shares;
  shares.reserve(sources_.size());
  for (const auto& source : sources_) shares.push_back(source.share);
  const auto& source = sources_[drawn(shares, random)];
  CropRequest request;
  request.seed = seed;
  request.size = options_.crop_size;
  request.spacing_mm = spacing_for(chance(random), source);
  request.background = chance(random) < source.background_share;
  return source.crops(request);
}

void CropPool::generate() {
  try {
    for (;;) {
      std::int64_t next = 0;
      {
        std::unique_lock lock(mutex_);
        const auto following = [this] { return first_ + static_cast<std::int64_t>(crops_.size()); };
        changed_.wait(lock, [&] { return ending_ || following() < wanted_; });
        if (ending_) return;
        next = following();
      }
      auto crop = std::make_shared<const TrainingCrop>(make(next));
      const std::lock_guard lock(mutex_);
      // The window may have moved past it meanwhile.
      if (next == first_ + static_cast<std::int64_t>(crops_.size())) crops_.push_back(std::move(crop));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

std::shared_ptr<const TrainingCrop> CropPool::at(std::int64_t number) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || number < first_ + static_cast<std::int64_t>(crops_.size()); });
  if (failure_) std::rethrow_exception(failure_);
  return crops_.at(static_cast<std::size_t>(number - first_));
}

void CropPool::pass(std::int64_t sample) {
  {
    const std::lock_guard lock(mutex_);
    const auto [first, count] = window(sample);
    while (first_ < first) {
      if (!crops_.empty()) crops_.pop_front();
      ++first_;
    }
    wanted_ = std::max(wanted_, first + count);
  }
  changed_.notify_all();
}

}  // namespace punctum
