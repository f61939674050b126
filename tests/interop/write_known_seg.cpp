// Writes a label image that the interop tests made as a Segmentation, by the node's own writer, so that foreign readers
// can be held against a mask that is known to the last bit.
//   write_known_seg CT_FOLDER LABELS OUT
// LABELS: one byte a voxel, x fastest, slices ascending along the normal; value n belongs to segment n.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/ct/volume_assembler.hpp"
#include "dicom/dcmtk/runtime.hpp"
#include "dicom/seg/seg_writer.hpp"

namespace {

using namespace punctum;
namespace fs = std::filesystem;

Bytes read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  Bytes bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<Bytes::value_type>(c); });
  return bytes;
}

std::vector<Bytes> read_folder(const fs::path& folder) {
  std::vector<Bytes> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(read_bytes(entry.path()));
  return files;
}

std::vector<LesionMask> masks_of(const Bytes& labels, const SeriesGeometry& geometry) {
  std::vector<LesionMask> masks;
  for (std::size_t voxel = 0; voxel < labels.size(); ++voxel) {
    const auto segment = static_cast<std::size_t>(labels[voxel]);
    while (masks.size() < segment) masks.push_back({geometry, std::vector<std::uint8_t>(labels.size())});
    if (segment > 0) masks[segment - 1].voxels[voxel] = 1;
  }
  return masks;
}

void write(const fs::path& ct_folder, const fs::path& label_file, const fs::path& out) {
  const auto files = read_folder(ct_folder);
  std::vector<CtSliceHeader> headers;
  for (const auto& file : files) headers.push_back(read_ct_slice_header(file));
  const auto plan = plan_volume(headers, {});

  std::vector<ByteView> in_order;
  for (const auto index : plan.source_index) in_order.emplace_back(files[index]);
  const auto source = SourceSeries::from_files(plan.geometry, in_order);

  const auto masks = masks_of(read_bytes(label_file), plan.geometry);
  std::vector<SegmentToWrite> segments;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const auto label = "Segment " + std::to_string(i + 1);
    segments.push_back({masks[i], label, LesionKey{Uid::random(), label}});
  }
  SegmentationSheet sheet{Uid::random(), Uid::random()};
  sheet.content_date = "20260301";
  sheet.content_time = "101500.000000";
  const auto seg = write_segmentation(segments, *source, sheet);
  std::ofstream(out, std::ios::binary)
      .write(reinterpret_cast<const char*>(seg.bytes.data()), static_cast<std::streamsize>(seg.bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: write_known_seg CT_FOLDER LABELS OUT\n";
    return 2;
  }
  try {
    const DcmtkRuntime runtime;
    write(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
