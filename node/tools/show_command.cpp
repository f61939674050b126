#include "node/tools/show_command.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <format>
#include <iostream>
#include <nlohmann/json.hpp>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/modules/own_text.hpp"
#include "dicom/seg/seg_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/tools/files.hpp"
#include "node/tools/lesion_views.hpp"
#include "node/tools/overlay_picture.hpp"
#include "node/tools/source_finder.hpp"
#include "sr/report_text.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void show_report(const Bytes& file, bool as_json) {
  const auto tables = read_report(file);
  if (!as_json) {
    std::cout << to_text(tables);
    return;
  }
  auto json = Json{{"type", "report"}, {"lesions", Json::array()}};
  for (const auto& table : tables) {
    auto rows = Json::array();
    for (const auto& row : table.rows) {
      rows.push_back({{"name", row.name}, {"value", row.value}, {"certainty", row.certainty}});
    }
    json["lesions"].push_back({{"title", table.title}, {"rows", std::move(rows)}});
  }
  std::cout << json.dump(2) << '\n';
}

/// One segment with its picture, if its CT was found.
struct ShownSegment {
  SegmentSummary summary;
  std::optional<std::array<double, 3>> size_mm;  ///< along rows, columns and the stack
  std::optional<fs::path> picture;
};

/// "seg.png" for the first picture, "seg-2.png" for that of segment 2.
fs::path picture_path(const ShowOptions& options, const SegmentSummary& segment, bool first) {
  auto path = options.overlay.value_or(fs::path(options.file).replace_extension(".png"));
  if (!first)
    path.replace_filename(std::format("{}-{}{}", path.stem().string(), segment.number, path.extension().string()));
  return path;
}

OverlayOptions overlay_options(const ShownSegment& shown, const SegmentationSource& source) {
  OverlayOptions options{.title = shown.summary.label};
  const auto volume = shown.summary.volume_mm3 ? std::format("{:.2f} ml  ·  ", *shown.summary.volume_mm3 / 1000) : "";
  const auto& size = *shown.size_mm;
  options.legend = {volume + std::format("{:.0f} × {:.0f} × {:.0f} mm  ·  {} slices", size[0], size[1], size[2],
                                         shown.summary.frame_count)};
  for (const auto& remark : source.remarks) {
    if (remark.tracking_uid != shown.summary.tracking_uid) continue;
    options.clicks = remark.clicks;
    options.legend.insert(options.legend.end(), remark.lines.begin(), remark.lines.end());
  }
  return options;
}

void draw(ShownSegment& shown, const Bytes& file, const SegmentationSource& source, const fs::path& path) {
  const auto& grid = source.volume.geometry;
  const auto mask = read_segment(file, shown.summary.number, grid);
  const auto box = box_around(mask);
  const std::array<double, 3> spacing{grid.column_spacing_mm(), grid.row_spacing_mm(), grid.slice_spacing_mm()};
  shown.size_mm.emplace();
  for (std::size_t axis = 0; axis < 3; ++axis) {
    (*shown.size_mm)[axis] = (box.last[axis] - box.first[axis] + 1) * spacing[axis];
  }
  write_png(draw_lesion_overlay(source.volume, mask, overlay_options(shown, source)), path);
  shown.picture = path;
}

Json as_json(const ShownSegment& shown) {
  const auto& summary = shown.summary;
  Json json{{"number", summary.number},
            {"label", summary.label},
            {"algorithm", summary.algorithm},
            {"tracking_id", summary.tracking_id},
            {"tracking_uid", nullptr},
            {"frames", summary.frame_count},
            {"voxels", summary.voxel_count},
            {"ml", nullptr},
            {"columns", nullptr},
            {"rows", nullptr},
            {"size_mm", nullptr},
            {"picture", nullptr}};
  if (summary.tracking_uid) json["tracking_uid"] = summary.tracking_uid->str();
  if (summary.volume_mm3) json["ml"] = *summary.volume_mm3 / 1000;
  if (summary.box) {
    json["columns"] = {summary.box->first_column, summary.box->last_column};
    json["rows"] = {summary.box->first_row, summary.box->last_row};
  }
  if (shown.size_mm) json["size_mm"] = *shown.size_mm;
  if (shown.picture) json["picture"] = shown.picture->string();
  return json;
}

std::string as_text(const ShownSegment& shown) {
  const auto& summary = shown.summary;
  const OwnText printable(/*utf8=*/true);  // foreign objects may hold line breaks and terminal commands
  std::string text = std::format("segment {}  {}\n", summary.number, printable.line(summary.label));
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += std::format("  {:<14}{}\n", name, printable.line(value, 4096));
  };
  if (summary.tracking_id != summary.label) line("tracking ID", summary.tracking_id);
  line("tracking UID", summary.tracking_uid ? summary.tracking_uid->str() : "");
  line("algorithm", summary.algorithm);
  line("frames", std::to_string(summary.frame_count));
  line("voxels", std::to_string(summary.voxel_count));
  if (summary.volume_mm3) line("volume", std::format("{:.2f} ml", *summary.volume_mm3 / 1000));
  if (summary.box) {
    const auto& box = *summary.box;
    line("box", std::format("columns {} to {}, rows {} to {} (first is 0)", box.first_column, box.last_column,
                            box.first_row, box.last_row));
  }
  if (shown.size_mm) {
    line("size",
         std::format("{:.1f} x {:.1f} x {:.1f} mm", (*shown.size_mm)[0], (*shown.size_mm)[1], (*shown.size_mm)[2]));
  }
  if (shown.picture) line("picture", shown.picture->string());
  return text;
}

void show_segmentation(const Bytes& file, const ShowOptions& options) {
  std::vector<fs::path> folders{fs::absolute(options.file).parent_path()};
  if (options.ct_folder) folders.push_back(*options.ct_folder);
  const auto source = find_source(folders, SegmentationDocument::open(file));
  std::vector<ShownSegment> shown;
  for (const auto& summary : summarize_segmentation(file)) {
    shown.push_back({summary, {}, {}});
    if (source && summary.voxel_count > 0) {
      draw(shown.back(), file, *source, picture_path(options, summary, shown.size() == 1));
    }
  }
  if (options.json) {
    auto json = Json{{"type", "segmentation"}, {"segments", Json::array()}};
    for (const auto& segment : shown) json["segments"].push_back(as_json(segment));
    std::cout << json.dump(2) << '\n';
  } else {
    for (const auto& segment : shown) std::cout << as_text(segment);
  }
  if (!source) {
    std::cerr << "no picture: the CT series of this segmentation is not in " << folders.back().string()
              << "; say where it lies with --ct\n";
  }
}

}  // namespace

int run_show(const ShowOptions& options) {
  try {
    const auto file = read_file_bytes(options.file);
    const auto sop_class = require_uid(*parse_part10(file, Extent::header), DCM_SOPClassUID).str();
    if (sop_class == sop_class::segmentation_storage) {
      show_segmentation(file, options);
    } else {
      show_report(file, options.json);
    }
    return 0;
  } catch (const Error& error) {
    std::cerr << "punctum show: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace punctum
