#include "dicom/ct/volume_assembler.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <span>
#include <thread>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t most_voxels = std::size_t{1} << 30;  ///< 4096 slices of 512 x 512; 2 GiB as int16

std::size_t voxels_per_slice(const SeriesGeometry& geometry) {
  return static_cast<std::size_t>(geometry.rows()) * static_cast<std::size_t>(geometry.columns());
}

void decode_slice(const VolumePlan& plan, const std::function<Bytes(std::size_t)>& load, std::size_t z, Volume& volume,
                  const PixelDecoder& decode) {
  const auto size = voxels_per_slice(plan.geometry);
  read_hounsfield_into(load(plan.source_index[z]), std::span(volume.hu).subspan(z * size, size), decode);
}

}  // namespace

Volume assemble_volume(const VolumePlan& plan, const std::function<Bytes(std::size_t)>& load, int threads,
                       const PixelDecoder& decode) {
  const auto slices = plan.source_index.size();
  if (voxels_per_slice(plan.geometry) > most_voxels / std::max<std::size_t>(slices, 1)) {
    throw Refusal("The CT series is too large to be held in memory as one volume.");
  }
  Volume volume{plan.geometry, std::vector<std::int16_t>(slices * voxels_per_slice(plan.geometry))};
  std::atomic<std::size_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    for (auto z = next++; z < slices; z = next++) {
      try {
        decode_slice(plan, load, z, volume, decode);
      } catch (...) {
        const std::scoped_lock lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = slices;  // the others finish their slice and stop
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    const auto wanted = std::min<std::size_t>(slices, static_cast<std::size_t>(std::max(threads, 1)));
    for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return volume;
}

}  // namespace punctum
