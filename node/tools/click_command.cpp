#include "node/tools/click_command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/gsps/gsps_writer.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/error.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

/// The headers of one CT series in the folder, and where each image lies.
struct FoundSeries {
  std::vector<CtSliceHeader> headers;
  std::vector<fs::path> files;  ///< same order
};

/// A place on a slice.
struct PlacedClick {
  std::size_t header;
  ImagePoint point;
};

std::map<Uid, FoundSeries> find_series(const fs::path& folder) {
  std::map<Uid, FoundSeries> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    try {
      auto header = read_ct_slice_header(read_file_bytes(entry.path()));
      if (is_localizer(header)) continue;
      auto& series = found[header.placed.instance.series_instance_uid];
      series.headers.push_back(std::move(header));
      series.files.push_back(entry.path());
    } catch (const DicomError&) {  // not DICOM, or damaged: somebody else's file
    } catch (const Refusal&) {     // no CT image that could be clicked on
    }
  }
  return found;
}

double offset_mm(const PatientPoint& point, const SlicePlane& plane) {
  return dot(point - plane.position_mm, plane.normal());
}

bool inside(const ImagePoint& point, const SlicePlane& plane) {
  return point.column >= 0 && point.column <= plane.columns && point.row >= 0 && point.row <= plane.rows;
}

/// Half the distance from a slice to its nearest neighbour: how far a point may lie from it and still be in its voxels.
double reach_mm(const CtSliceHeader& slice, const std::vector<CtSliceHeader>& headers) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& other : headers) {
    const double distance = std::abs(offset_mm(other.placed.plane.position_mm, slice.placed.plane));
    if (distance > 0.01) nearest = std::min(nearest, distance);
  }
  if (!std::isfinite(nearest)) nearest = slice.slice_thickness_mm.value_or(1.0);
  return nearest / 2 + 1e-3;
}

/// The slice nearest to the point, if the point lies in the series at all.
std::optional<PlacedClick> place(const PatientPoint& point, const FoundSeries& series) {
  std::optional<PlacedClick> best;
  double best_distance = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < series.headers.size(); ++i) {
    const auto& plane = series.headers[i].placed.plane;
    const double distance = std::abs(offset_mm(point, plane));
    const auto on_image = to_image(point, plane);
    if (distance >= best_distance || !inside(on_image, plane)) continue;
    best_distance = distance;
    best = PlacedClick{i, on_image};
  }
  if (best && best_distance > reach_mm(series.headers[best->header], series.headers)) return std::nullopt;
  return best;
}

/// Every click of the options placed on the series; nothing if one of them lies outside.
std::optional<std::vector<Click>> place_all(const ClickOptions& options, const FoundSeries& series) {
  std::vector<Click> clicks;
  const auto add = [&](const std::vector<PatientPoint>& points, ClickSign sign) {
    for (const auto& point : points) {
      const auto placed = place(point, series);
      if (!placed) return false;
      clicks.push_back({placed->point, series.headers[placed->header].placed.instance.sop_instance_uid, sign});
    }
    return true;
  };
  if (!add(options.on_lesion, ClickSign::positive) || !add(options.beside_lesion, ClickSign::negative)) {
    return std::nullopt;
  }
  return clicks;
}

std::string text_of(const PatientPoint& point) {
  char text[96];
  std::snprintf(text, sizeof text, "(%.1f, %.1f, %.1f)", point.x, point.y, point.z);
  return text;
}

/// The one series that holds all clicks. @throws Refusal if none or several do.
std::pair<const FoundSeries*, std::vector<Click>> choose_series(const ClickOptions& options,
                                                                const std::map<Uid, FoundSeries>& all) {
  std::vector<std::pair<const FoundSeries*, std::vector<Click>>> candidates;
  std::string names;
  for (const auto& [uid, series] : all) {
    if (auto clicks = place_all(options, series)) {
      candidates.emplace_back(&series, *std::move(clicks));
      names += "\n  " + uid.str() + " (" + std::to_string(series.headers.size()) + " images, " +
               series.files.front().parent_path().string() + ")";
    }
  }
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty()) {
    throw Refusal("no CT series in " + options.ct_folder.string() + " holds " +
                  (options.on_lesion.size() + options.beside_lesion.size() == 1
                       ? "the point " + text_of(options.on_lesion.front()) + " mm"
                       : "all points") +
                  "; found " + std::to_string(all.size()) + " CT series");
  }
  throw Refusal(std::to_string(candidates.size()) +
                " CT series hold the point, expected one; name the folder of:" + names);
}

std::vector<Bytes> clicked_files(const FoundSeries& series, const std::vector<Click>& clicks) {
  std::vector<Bytes> files;
  for (std::size_t i = 0; i < series.headers.size(); ++i) {
    const auto& uid = series.headers[i].placed.instance.sop_instance_uid;
    const bool clicked = std::any_of(clicks.begin(), clicks.end(), [&](const Click& c) { return c.drawn_on == uid; });
    if (clicked) files.push_back(read_file_bytes(series.files[i]));
  }
  return files;
}

/// What the node will say to this series, said before it is sent. Nothing if it will take it.
std::optional<std::string> expected_refusal(const FoundSeries& series, const std::vector<Click>& clicks) {
  std::vector<Uid> clicked;
  for (const auto& click : clicks) clicked.push_back(click.drawn_on);
  try {
    plan_volume(series.headers, clicked);
    return std::nullopt;
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
}

SendOutcome send(const Part10File& file, const ClickOptions& options) {
  SendOptions how;
  how.calling = options.calling;
  return send_objects(*options.to, {retrievable(file)}, how).front();
}

void print_text(const ClickOptions& options, const Part10File& file, const LesionKey& lesion,
                const std::vector<Click>& clicks, const std::optional<fs::path>& written, const FoundSeries& series) {
  std::cout << "presentation state  " << file.name.sop_instance_uid.str() << "\n"
            << "series              " << series.headers.front().placed.instance.series_instance_uid.str() << " ("
            << series.headers.size() << " images)\n"
            << "lesion              " << lesion.tracking_uid.str() << "\n";
  for (const auto& click : clicks) {
    char where[64];
    std::snprintf(where, sizeof where, "column %.2f, row %.2f", click.point.column, click.point.row);
    std::cout << (click.sign == ClickSign::positive ? "on the lesion       " : "beside the lesion   ") << where
              << " of image " << click.drawn_on.str() << "\n";
  }
  if (written) std::cout << "written             " << written->string() << "\n";
  if (options.to) std::cout << "sent                " << options.to->str() << "\n";
}

void print_json(const ClickOptions& options, const Part10File& file, const LesionKey& lesion,
                const std::vector<Click>& clicks, const std::optional<fs::path>& written, const FoundSeries& series) {
  nlohmann::json out = {{"gsps_uid", file.name.sop_instance_uid.str()},
                        {"study_uid", file.name.study_instance_uid.str()},
                        {"ct_series_uid", series.headers.front().placed.instance.series_instance_uid.str()},
                        {"tracking_uid", lesion.tracking_uid.str()},
                        {"clicks", nlohmann::json::array()}};
  for (const auto& click : clicks) {
    out["clicks"].push_back({{"image", click.drawn_on.str()},
                             {"column", click.point.column},
                             {"row", click.point.row},
                             {"sign", click.sign == ClickSign::positive ? "positive" : "negative"}});
  }
  if (written) out["file"] = written->string();
  if (options.to) out["sent_to"] = options.to->str();
  std::cout << out.dump(2) << "\n";
}

int click(const ClickOptions& options) {
  const auto all = find_series(options.ct_folder);
  const auto [series, clicks] = choose_series(options, all);
  if (const auto refusal = expected_refusal(*series, clicks))
    std::cerr << "click: a node will refuse this: " << *refusal << "\n";

  ClickSheet sheet;
  sheet.clicks = clicks;
  sheet.lesion = LesionKey{options.tracking_uid.value_or(Uid::random()),
                           options.tracking_id.empty() ? "Lesion" : options.tracking_id, /*given_by_viewer=*/true};
  sheet.creator = PatientText(options.creator);
  const auto file = write_click_presentation_state(sheet, clicked_files(*series, clicks));

  auto output = options.output;
  if (!output && !options.to) output = "gsps.dcm";
  if (output) write_file_bytes(*output, file.bytes);
  if (options.to) {
    const auto outcome = send(file, options);
    if (outcome.kind != SendOutcome::Kind::sent) {
      std::cerr << "click: " << options.to->str() << " did not take the presentation state: " << outcome.text() << "\n";
      return 1;
    }
  }
  (options.json ? print_json : print_text)(options, file, *sheet.lesion, clicks, output, *series);
  return 0;
}

}  // namespace

std::optional<PatientPoint> parse_lps(std::string_view text) {
  std::array<double, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != ',') return std::nullopt;
      text.remove_prefix(1);
    }
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), values[i]);
    if (error != std::errc{} || !std::isfinite(values[i])) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return PatientPoint{values[0], values[1], values[2]};
}

int run_click(const ClickOptions& options) {
  if (options.on_lesion.empty()) {
    std::cerr << "click: no point on a lesion was given (--lps X,Y,Z)\n";
    return 2;
  }
  try {
    return click(options);
  } catch (const Error& error) {
    std::cerr << "click: " << error.what() << "\n";
  } catch (const fs::filesystem_error& error) {
    std::cerr << "click: cannot read " << options.ct_folder.string() << ": " << error.code().message() << "\n";
  }
  return 1;
}

}  // namespace punctum
