#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/geometry/volume.hpp"
#include "dicom/modules/source_series.hpp"
#include "node/pipeline/job_result.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// A CT series ready to work on.
struct LoadedSeries {
  Volume volume;
  std::shared_ptr<const SourceSeries> source;
  std::string content_key;            ///< digest over the slices' names and digests: equal keys, equal voxels
  std::vector<std::string> left_out;  ///< one sentence for each image that is not part of the volume
};

/// Turns stored series into volumes and keeps the last few, so that a second click need not decode again. Job thread
/// only.
class SeriesCache {
 public:
  /// @param threads for decoding. @param limit_bytes of voxels kept; the newest volume stays whatever its size.
  /// @param decode unpacks pixels that are packed.
  SeriesCache(const Archive& archive, int threads, std::uint64_t limit_bytes, PixelDecoder decode = decode_pixels);

  /// @param clicked images that must be part of the volume; they decide which acquisition is taken.
  /// @throws Refusal naming the slices if they form no regular grid, DicomError, StorageError.
  std::shared_ptr<const LoadedSeries> get(const Uid& series_instance_uid, const std::vector<Uid>& clicked,
                                          StageTimes& times);

 private:
  struct Entry {
    std::string instances_key;  ///< digest over everything that is stored of the series
    std::shared_ptr<const LoadedSeries> series;
  };
  std::shared_ptr<const LoadedSeries> find(const std::string& instances_key, const std::vector<Uid>& clicked);
  void keep(Entry entry);

  const Archive& archive_;
  int threads_;
  std::uint64_t limit_bytes_;
  PixelDecoder decode_;
  std::list<Entry> entries_;  ///< most recently used first
};

}  // namespace punctum
