#include "node/tools/source_finder.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <map>
#include <set>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/tools/files.hpp"
#include "sr/report_text.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

struct CtFile {
  fs::path path;
  CtSliceHeader header;
};

/// The files of a folder that can be of use, by kind.
struct Inventory {
  std::map<Uid, std::vector<CtFile>> series;  ///< by Series Instance UID
  std::vector<fs::path> presentation_states;
  std::vector<fs::path> reports;
};

void take_stock_of(const fs::path& path, Inventory& inventory) {
  const auto bytes = read_file_bytes(path);
  const auto sop_class = require_uid(*parse_part10(bytes, Extent::header), DCM_SOPClassUID).str();
  if (sop_class == sop_class::ct_image_storage) {
    auto header = read_ct_slice_header(bytes);
    const auto series = header.placed.instance.series_instance_uid;
    inventory.series[series].push_back({path, std::move(header)});
  } else if (sop_class == sop_class::grayscale_softcopy_presentation_state_storage) {
    inventory.presentation_states.push_back(path);
  } else if (sop_class.starts_with(sop_class::structured_reports)) {
    inventory.reports.push_back(path);
  }
}

std::set<fs::path> files_in(const std::vector<fs::path>& folders) {
  std::set<fs::path> files;
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
      if (entry.is_regular_file()) files.insert(fs::weakly_canonical(entry.path()));
    }
  }
  return files;
}

Inventory take_stock(const std::vector<fs::path>& folders) {
  Inventory inventory;
  for (const auto& path : files_in(folders)) {
    try {
      take_stock_of(path, inventory);
    } catch (const Error&) {
      continue;  // not DICOM, or nothing to show: a folder may hold anything
    }
  }
  return inventory;
}

std::set<Uid> sources_of(const SegmentationDocument& segmentation) {
  std::set<Uid> sources;
  for (const auto& frame : segmentation.frames()) sources.insert(frame.sources.begin(), frame.sources.end());
  return sources;
}

/// The series that holds most of the slices that the segmentation names; where it names none, the only one there.
const std::vector<CtFile>* series_of(const Inventory& inventory, const std::set<Uid>& sources) {
  if (sources.empty()) return inventory.series.size() == 1 ? &inventory.series.begin()->second : nullptr;
  const std::vector<CtFile>* best = nullptr;
  std::ptrdiff_t most = 0;
  for (const auto& [uid, files] : inventory.series) {
    const auto named = std::count_if(files.begin(), files.end(), [&](const auto& file) {
      return sources.contains(file.header.placed.instance.sop_instance_uid);
    });
    if (named > most) {
      most = named;
      best = &files;
    }
  }
  return best;
}

Volume load_volume(const std::vector<CtFile>& files, const std::set<Uid>& sources) {
  std::vector<CtSliceHeader> headers;
  std::vector<Uid> wanted;
  for (const auto& file : files) {
    headers.push_back(file.header);
    const auto& uid = file.header.placed.instance.sop_instance_uid;
    if (sources.contains(uid)) wanted.push_back(uid);
  }
  return assemble_volume(
      plan_volume(headers, wanted), [&](std::size_t i) { return read_file_bytes(files[i].path); }, /*threads=*/2);
}

SegmentationSource::Remark& remark_on(SegmentationSource& source, const Uid& tracking_uid) {
  auto found = std::find_if(source.remarks.begin(), source.remarks.end(),
                            [&](const auto& remark) { return remark.tracking_uid == tracking_uid; });
  if (found == source.remarks.end()) found = source.remarks.insert(found, SegmentationSource::Remark{tracking_uid});
  return *found;
}

void add_clicks(SegmentationSource& source, const fs::path& presentation_state) {
  const auto& grid = source.volume.geometry;
  for (const auto& prompt : read_point_prompts(read_file_bytes(presentation_state))) {
    auto& remark = remark_on(source, prompt.lesion.tracking_uid);
    for (const auto& click : prompt.clicks) {
      const auto z = grid.slice_of(click.drawn_on);
      if (!z) continue;
      const auto& plane = grid.slices()[static_cast<std::size_t>(*z)].plane;
      remark.clicks.push_back({to_patient(click.point, plane), click.sign});
    }
  }
}

void add_report(SegmentationSource& source, const fs::path& report) {
  for (const auto& table : read_report(read_file_bytes(report))) {
    std::optional<Uid> tracking_uid;
    std::vector<std::string> lines;
    for (const auto& row : table.rows) {
      if (row.name == "Tracking Unique Identifier") tracking_uid = Uid::parse(row.value);
      if (!row.certainty.empty()) lines.push_back(row.name + ": " + row.value + " (" + row.certainty + ")");
    }
    if (tracking_uid) remark_on(source, *tracking_uid).lines = lines;
  }
}

}  // namespace

std::optional<SegmentationSource> find_source(const std::vector<fs::path>& folders,
                                              const SegmentationDocument& segmentation) {
  const auto inventory = take_stock(folders);
  const auto sources = sources_of(segmentation);
  const auto* files = series_of(inventory, sources);
  if (files == nullptr) return std::nullopt;
  SegmentationSource source{load_volume(*files, sources), {}};
  const auto add_all = [&](const auto& paths, auto add) {
    for (const auto& path : paths) {
      try {
        add(source, path);
      } catch (const Error&) {
        continue;  // a click or a report that cannot be read is no reason to show no picture
      }
    }
  };
  add_all(inventory.presentation_states, add_clicks);
  add_all(inventory.reports, add_report);
  return source;
}

}  // namespace punctum
