#include "inference/training/crop_pool.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "dicom/types/error.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/training/chance.hpp"

namespace punctum {
namespace {

constexpr std::int64_t first_window = 32;

}  // namespace

CropPool::CropPool(std::vector<TrainingSource> sources, const CropPoolOptions& options, std::int64_t first_sample)
    : sources_(std::move(sources)),
      options_(options),
      first_(window(first_sample).first),
      begun_(first_),
      wanted_(first_) {
  pass(first_sample);
  try {
    for (int i = 0; i < options_.workers; ++i) generators_.emplace_back([this] { generate(); });
  } catch (...) {
    end();
    throw;
  }
}

CropPool::~CropPool() { end(); }

void CropPool::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  generators_.clear();  // joins
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

std::optional<std::int64_t> CropPool::next_to_make() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ending_ || begun_ < wanted_; });
  if (ending_) return {};
  return begun_++;
}

void CropPool::keep(std::int64_t number, std::shared_ptr<const TrainingCrop> crop) {
  const std::lock_guard lock(mutex_);
  if (number < first_) return;  // the window has moved past it meanwhile
  const auto at = static_cast<std::size_t>(number - first_);
  if (at >= crops_.size()) crops_.resize(at + 1);
  crops_[at] = std::move(crop);
  changed_.notify_all();
}

void CropPool::generate() {
  try {
    while (const auto number = next_to_make()) keep(*number, std::make_shared<const TrainingCrop>(make(*number)));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

bool CropPool::is_there(std::int64_t number) const {
  const auto at = static_cast<std::size_t>(number - first_);
  return at < crops_.size() && crops_[at] != nullptr;
}

std::shared_ptr<const TrainingCrop> CropPool::at(std::int64_t number) {
  std::unique_lock lock(mutex_);
  if (number < first_) throw Error("crop " + std::to_string(number) + " was asked for after it had been passed");
  changed_.wait(lock, [&] { return failure_ || is_there(number); });
  if (failure_) std::rethrow_exception(failure_);
  return crops_[static_cast<std::size_t>(number - first_)];
}

void CropPool::pass(std::int64_t sample) {
  {
    const std::lock_guard lock(mutex_);
    const auto [first, count] = window(sample);
    while (first_ < first) {
      if (!crops_.empty()) crops_.pop_front();
      ++first_;
    }
    begun_ = std::max(begun_, first_);
    wanted_ = std::max(wanted_, first + count);
  }
  changed_.notify_all();
}

}  // namespace punctum
