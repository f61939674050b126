#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "dicom/ct/stack_analysis.hpp"
#include "dicom/ct/volume_assembler.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr double direction_tolerance = 1e-3;
constexpr double spacing_tolerance_mm = 1e-3;

using Headers = std::vector<CtSliceHeader>;
using Groups = std::vector<Stack>;
/// Text that is equal for images of the same group, and that can be shown to a reader.
using GroupName = std::function<std::string(const CtSliceHeader&)>;

/// What is chosen so far, and what was said about the rest.
struct Selection {
  const Headers& headers;
  std::unordered_set<Uid> clicked;
  std::vector<std::string> left_out;

  bool holds_click(const Stack& stack) const {
    return std::any_of(stack.begin(), stack.end(),
                       [&](std::size_t i) { return clicked.contains(headers[i].placed.instance.sop_instance_uid); });
  }
};

std::string images(std::size_t count) { return count == 1 ? "1 image" : std::to_string(count) + " images"; }

bool near(const PatientVector& a, const PatientVector& b) {
  return std::abs(a.x - b.x) < direction_tolerance && std::abs(a.y - b.y) < direction_tolerance &&
         std::abs(a.z - b.z) < direction_tolerance;
}

bool can_be_stacked(const CtSliceHeader& a, const CtSliceHeader& b) {
  const auto& p = a.placed.plane;
  const auto& q = b.placed.plane;
  return p.columns == q.columns && p.rows == q.rows &&
         std::abs(p.column_spacing_mm - q.column_spacing_mm) < spacing_tolerance_mm &&
         std::abs(p.row_spacing_mm - q.row_spacing_mm) < spacing_tolerance_mm &&
         near(p.row_direction, q.row_direction) && near(p.column_direction, q.column_direction) &&
         a.frame_of_reference_uid == b.frame_of_reference_uid;
}

Groups split_by_shape(const Stack& stack, const Headers& headers) {
  Groups groups;
  for (const auto i : stack) {
    const auto fits = [&](const Stack& group) { return can_be_stacked(headers[group.front()], headers[i]); };
    const auto group = std::find_if(groups.begin(), groups.end(), fits);
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  return groups;
}

Groups split_by(const GroupName& name, const Stack& stack, const Headers& headers) {
  std::map<std::string, Stack> named;
  for (const auto i : stack) named[name(headers[i])].push_back(i);
  Groups groups;
  for (auto& [key, group] : named) groups.push_back(std::move(group));
  return groups;
}

std::string shape_name(const CtSliceHeader& header) {
  const auto& p = header.placed.plane;
  const auto n = p.normal();
  const double x = std::abs(n.x), y = std::abs(n.y), z = std::abs(n.z);
  const std::string view = z >= x && z >= y ? "axial" : (y >= x ? "coronal" : "sagittal");
  return view + ", " + std::to_string(p.columns) + " x " + std::to_string(p.rows);
}

std::string acquisition_name(const CtSliceHeader& header) {
  return header.acquisition_number ? "acquisition " + std::to_string(*header.acquisition_number)
                                   : "no acquisition number";
}

/// What one reconstruction has in common: the meaning of the images and their thickness.
std::string reconstruction_name(const CtSliceHeader& header) {
  std::string name;
  for (const auto& value : header.image_type) name += (name.empty() ? "" : "\\") + value;
  if (header.slice_thickness_mm) {
    const auto hundredths = std::lround(*header.slice_thickness_mm * 100);
    name += " of " + std::to_string(hundredths / 100) + "." + std::to_string(hundredths / 10 % 10) + " mm";
  }
  return name;
}

/// The group that holds the clicks; without clicks the one with most slices. Says what was left out and why.
Stack choose(const Groups& groups, const GroupName& name, Selection& selection) {
  const Stack* chosen = nullptr;
  for (const auto& group : groups) {
    if (!selection.holds_click(group)) continue;
    if (chosen != nullptr) {
      throw Refusal("The clicks were drawn on images that cannot be one volume (" +
                    name(selection.headers[chosen->front()]) + "; " + name(selection.headers[group.front()]) +
                    "). Please click on images of one of them only.");
    }
    chosen = &group;
  }
  if (chosen == nullptr) {
    chosen = &*std::max_element(groups.begin(), groups.end(),
                                [](const auto& a, const auto& b) { return a.size() < b.size(); });
  }
  for (const auto& group : groups) {
    if (&group == chosen) continue;
    selection.left_out.push_back(images(group.size()) + " left out: " + name(selection.headers[group.front()]) +
                                 ", while the volume is made of " + name(selection.headers[chosen->front()]) + ".");
  }
  return *chosen;
}

Stack without_repeats_and_localizers(Selection& selection) {
  Stack stack;
  std::unordered_set<Uid> seen;
  std::size_t localizers = 0;
  for (std::size_t i = 0; i < selection.headers.size(); ++i) {
    const auto& header = selection.headers[i];
    const auto& uid = header.placed.instance.sop_instance_uid;
    if (!seen.insert(uid).second) continue;
    if (!is_localizer(header)) {
      stack.push_back(i);
      continue;
    }
    if (selection.clicked.contains(uid)) {
      throw Refusal("The click was drawn on a localizer (scout) image; please click on a slice of the CT itself.");
    }
    ++localizers;
  }
  for (const auto& uid : selection.clicked) {
    if (!seen.contains(uid)) {
      throw Refusal("The image that was clicked (" + uid.str() + ") is not among the images of its CT series.");
    }
  }
  if (localizers > 0) selection.left_out.push_back(images(localizers) + " left out: localizers.");
  if (stack.empty()) throw Refusal("The CT series holds no image that can be part of a volume.");
  return stack;
}

/// The frame of reference is type 1, but anonymisers drop it. A series has only one (PS3.3 A.1.2.5), so that a name
/// derived from the series is as good.
Uid frame_of_reference(const CtSliceHeader& header) {
  if (header.frame_of_reference_uid) return *header.frame_of_reference_uid;
  return Uid::derived_from("frame of reference of series " + header.placed.instance.series_instance_uid.str());
}

std::optional<SeriesGeometry> regular_grid(const Stack& stack, const Headers& headers) {
  std::vector<PlacedSlice> slices;
  slices.reserve(stack.size());
  for (const auto i : stack) slices.push_back(headers[i].placed);
  const auto& first = headers[stack.front()];
  const double thickness = first.slice_thickness_mm.value_or(0);
  if (stack.size() == 1 && thickness <= 0) {
    throw Refusal("Only one slice is there to make a volume of (" + name_of(first) +
                  "), and it does not say how thick it is.");
  }
  try {
    return SeriesGeometry::from_slices(std::move(slices), frame_of_reference(first), thickness);
  } catch (const GeometryError&) {
    return std::nullopt;
  }
}

/// Where a stretch of the patient was imaged more than once: one of the times. Nothing if that cannot be told apart.
std::optional<Stack> one_acquisition(const Stack& ordered, Selection& selection) {
  const GroupName both = [](const auto& h) { return acquisition_name(h) + ", " + reconstruction_name(h); };
  for (const auto& name : {GroupName(acquisition_name), GroupName(reconstruction_name), both}) {
    const auto groups = split_by(name, ordered, selection.headers);
    if (groups.size() == 1) continue;
    auto trial = selection;
    auto chosen = choose(groups, name, trial);
    if (find_repeated_position(chosen, selection.headers)) continue;
    selection.left_out = std::move(trial.left_out);
    return chosen;
  }
  return std::nullopt;
}

[[noreturn]] void refuse_repeated(const Pair& pair, const Headers& headers) {
  throw Refusal("The CT series holds two images at the same position that nothing tells apart: " +
                name_of(headers[pair.lower]) + " and " + name_of(headers[pair.upper]) + ".");
}

SeriesGeometry make_regular(Stack ordered, Selection& selection) {
  const auto& headers = selection.headers;
  const auto repeated = find_repeated_position(ordered, headers);
  if (!repeated) {
    if (auto grid = regular_grid(ordered, headers)) return *grid;
  }
  if (repeated || acquisitions_overlap(ordered, headers)) {
    if (const auto chosen = one_acquisition(ordered, selection)) {
      ordered = *chosen;
      if (auto grid = regular_grid(ordered, headers)) return *grid;
    } else if (repeated) {
      refuse_repeated(*repeated, headers);
    }
  }
  // Never by acquisition here: acquisitions that follow each other may have a gap between them, which must not be
  // hidden.
  const auto reconstructions = split_by(reconstruction_name, ordered, headers);
  if (reconstructions.size() > 1) {
    ordered = choose(reconstructions, reconstruction_name, selection);
    if (auto grid = regular_grid(ordered, headers)) return *grid;
  }
  throw Refusal(explain_irregular(ordered, headers));
}

}  // namespace

VolumePlan plan_volume(const Headers& headers, const std::vector<Uid>& clicked) {
  Selection selection{headers, {clicked.begin(), clicked.end()}, {}};
  auto stack = without_repeats_and_localizers(selection);
  if (const auto shapes = split_by_shape(stack, headers); shapes.size() > 1) {
    stack = choose(shapes, shape_name, selection);
  }
  auto geometry = make_regular(ordered_by_height(std::move(stack), headers), selection);

  std::unordered_map<Uid, std::size_t> index_of;
  for (std::size_t i = 0; i < headers.size(); ++i) index_of.emplace(headers[i].placed.instance.sop_instance_uid, i);
  std::vector<std::size_t> source_index;
  for (const auto& slice : geometry.slices()) source_index.push_back(index_of.at(slice.instance.sop_instance_uid));
  return {std::move(geometry), std::move(source_index), std::move(selection.left_out)};
}

}  // namespace punctum
