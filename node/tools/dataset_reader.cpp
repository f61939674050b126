#include "node/tools/dataset_reader.hpp"

#include <algorithm>
#include <map>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/rtstruct/structure_set.hpp"
#include "dicom/seg/seg_reader.hpp"
#include "dicom/types/error.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

struct Slices {
  std::vector<fs::path> files;
  std::vector<CtSliceHeader> headers;
};

std::vector<fs::path> files_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (error) throw StorageError("cannot read folder " + folder.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

/// CT slices by series. Whatever else lies there, structure sets among it, is passed over.
std::map<Uid, Slices> series_in(const fs::path& folder) {
  std::map<Uid, Slices> series;
  for (const auto& file : files_in(folder)) {
    try {
      auto header = read_ct_slice_header(read_file_bytes(file));
      auto& slices = series[header.placed.instance.series_instance_uid];
      slices.files.push_back(file);
      slices.headers.push_back(std::move(header));
    } catch (const StorageError&) {
      throw;
    } catch (const Error&) {
      continue;
    }
  }
  return series;
}

Volume read_series(const fs::path& folder) {
  const auto series = series_in(folder);
  if (series.size() != 1) {
    throw StorageError("cannot read " + folder.string() + ": found " + std::to_string(series.size()) +
                       " CT series, expected one");
  }
  const auto& slices = series.begin()->second;
  return assemble_volume(plan_volume(slices.headers, {}),
                         [&](std::size_t i) { return read_file_bytes(slices.files[i]); });
}

/// Adds the path to what a reader says; the type of the error stays.
template <class Read>
auto naming(const fs::path& path, const Read& read) {
  const auto told = [&path](const Error& error) { return path.string() + ": " + error.what(); };
  try {
    return read();
  } catch (const GeometryError& error) {
    throw GeometryError(told(error));
  } catch (const Refusal& error) {
    throw Refusal(told(error));
  } catch (const DicomError& error) {
    throw DicomError(told(error));
  }
}

}  // namespace

DicomReaders dicom_readers() {
  DicomReaders readers;
  readers.series = [](const fs::path& folder) { return naming(folder, [&] { return read_series(folder); }); };
  readers.contours = [](const fs::path& file, const std::string& roi, const SeriesGeometry& geometry) {
    return naming(file, [&] { return rasterize(read_structure_set(read_file_bytes(file)), roi, geometry); });
  };
  readers.segment = [](const fs::path& file, int segment, const SeriesGeometry& geometry) {
    return naming(file, [&] { return read_segment(read_file_bytes(file), segment, geometry); });
  };
  return readers;
}

}  // namespace punctum
