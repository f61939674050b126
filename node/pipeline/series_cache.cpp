#include "node/pipeline/series_cache.hpp"

#include <algorithm>
#include <utility>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/runtime/clock.hpp"

namespace punctum {
namespace {

/// One image as it lies in the archive, with what the assembler must know of it.
struct StoredSlice {
  CtSliceHeader header;
  Bytes part10;
  std::string key;
};

/// Two instances of one key have the same bytes: under one UID the archive compares them itself.
std::string key_of(const StoredInstance& stored) {
  return stored.record.name.sop_instance_uid.str() + stored.record.dataset_digest.hex;
}

std::string key_of(const std::vector<StoredInstance>& instances) {
  std::vector<std::string> lines;
  lines.reserve(instances.size());
  for (const auto& one : instances) lines.push_back(key_of(one));
  std::sort(lines.begin(), lines.end());
  Sha256 digest;
  for (const auto& line : lines) digest.update(line);
  return digest.finish().hex;
}

/// A volume of a thousand slices of 512 x 512 has half a GiB; what is larger would not leave room for the network.
constexpr std::uint64_t most_series_bytes = std::uint64_t{3} << 30;

void require_bounded(const std::vector<StoredInstance>& instances) {
  std::uint64_t bytes = 0;
  for (const auto& stored : instances) {
    if (stored.record.name.sop_class_uid.str() == sop_class::ct_image_storage) bytes += stored.record.file_size;
  }
  if (bytes <= most_series_bytes) return;
  throw Refusal("the CT series has " + std::to_string(bytes >> 20) + " MiB, expected at most " +
                std::to_string(most_series_bytes >> 20));
}

/// An image that cannot become part of any volume is left out, unless a click was drawn on it.
std::vector<StoredSlice> read_slices(const Archive& archive, const std::vector<StoredInstance>& instances,
                                     const std::vector<Uid>& clicked, std::vector<std::string>& left_out) {
  require_bounded(instances);
  std::vector<StoredSlice> slices;
  for (const auto& stored : instances) {
    const auto& name = stored.record.name;
    if (name.sop_class_uid.str() != sop_class::ct_image_storage) {
      left_out.push_back("instance " + name.sop_instance_uid.str() + " is no CT image");
      continue;
    }
    auto part10 = archive.read(stored);
    try {
      auto header = read_ct_slice_header(part10);
      slices.push_back({std::move(header), std::move(part10), key_of(stored)});
    } catch (const StorageError&) {
      throw;
    } catch (const Error& error) {
      if (std::find(clicked.begin(), clicked.end(), name.sop_instance_uid) != clicked.end()) throw;
      left_out.push_back("image " + name.sop_instance_uid.str() + ": " + error.what());
    }
  }
  return slices;
}

std::vector<CtSliceHeader> headers_of(const std::vector<StoredSlice>& slices) {
  std::vector<CtSliceHeader> out;
  out.reserve(slices.size());
  for (const auto& slice : slices) out.push_back(slice.header);
  return out;
}

std::vector<ByteView> files_in_order(const VolumePlan& plan, const std::vector<StoredSlice>& slices) {
  std::vector<ByteView> out;
  out.reserve(plan.source_index.size());
  for (const auto index : plan.source_index) out.emplace_back(slices[index].part10);
  return out;
}

std::string content_key_of(const VolumePlan& plan, const std::vector<StoredSlice>& slices) {
  Sha256 digest;
  for (const auto index : plan.source_index) digest.update(slices[index].key);
  return digest.finish().hex;
}

bool holds_all(const SeriesGeometry& geometry, const std::vector<Uid>& images) {
  return std::all_of(images.begin(), images.end(), [&](const Uid& uid) { return geometry.slice_of(uid).has_value(); });
}

std::uint64_t bytes_of(const LoadedSeries& series) { return series.volume.hu.size() * sizeof(std::int16_t); }

}  // namespace

SeriesCache::SeriesCache(const Archive& archive, int threads, std::uint64_t limit_bytes, PixelDecoder decode)
    : archive_(archive), threads_(std::max(threads, 1)), limit_bytes_(limit_bytes), decode_(std::move(decode)) {}

std::shared_ptr<const LoadedSeries> SeriesCache::get(const Uid& series_instance_uid, const std::vector<Uid>& clicked,
                                                     StageTimes& times) {
  const Stopwatch read_watch;
  const auto instances = archive_.series(series_instance_uid);
  const auto instances_key = key_of(instances);
  if (auto found = find(instances_key, clicked)) return found;

  std::vector<std::string> left_out;
  auto slices = read_slices(archive_, instances, clicked, left_out);
  const auto plan = plan_volume(headers_of(slices), clicked);
  left_out.insert(left_out.end(), plan.left_out.begin(), plan.left_out.end());
  auto source = SourceSeries::from_files(plan.geometry, files_in_order(plan, slices));
  auto content_key = content_key_of(plan, slices);
  times["read_ms"] = read_watch.ms();

  const Stopwatch assemble_watch;
  // Each file is asked for once; handing it over frees it as soon as it is decoded.
  auto volume =
      assemble_volume(plan, [&](std::size_t index) { return std::move(slices[index].part10); }, threads_, decode_);
  times["assemble_ms"] = assemble_watch.ms();

  auto series = std::make_shared<const LoadedSeries>(
      LoadedSeries{std::move(volume), std::move(source), std::move(content_key), std::move(left_out)});
  keep({instances_key, series});
  return series;
}

std::shared_ptr<const LoadedSeries> SeriesCache::find(const std::string& instances_key,
                                                      const std::vector<Uid>& clicked) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.instances_key == instances_key && holds_all(entry.series->volume.geometry, clicked);
  });
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front().series;
}

void SeriesCache::keep(Entry entry) {
  entries_.push_front(std::move(entry));
  std::uint64_t total = 0;
  auto it = entries_.begin();
  for (; it != entries_.end(); ++it) {
    total += bytes_of(*it->series);
    if (total > limit_bytes_ && it != entries_.begin()) break;
  }
  entries_.erase(it, entries_.end());
}

}  // namespace punctum
