#include "inference/datasets/source_case.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "inference/measure/distance_transform.hpp"

namespace punctum {
namespace {

constexpr double core_share = 0.5;         ///< of the deepest voxel's depth
constexpr double core_clicks = 0.7;        ///< so many clicks fall into the core
constexpr double clear_of_lesion_mm = 10;  ///< between a click into plain tissue and the nearest lesion
constexpr int body_hu = -300;              ///< what is denser belongs to the body, or lies around it
constexpr double soft_clicks = 0.8;        ///< so many clicks into plain tissue avoid air and bone

/// Part of a grid as a grid.
SeriesGeometry cut(const SeriesGeometry& whole, const IndexBox& box) {
  std::vector<PlacedSlice> slices;
  slices.reserve(static_cast<std::size_t>(std::max(0, box.high.z - box.low.z)));
  for (int z = box.low.z; z < box.high.z; ++z) {
    auto slice = whole.slices()[static_cast<std::size_t>(z)];
    slice.plane.position_mm = whole.to_patient(box.low.x, box.low.y, z);
    slice.plane.columns = box.high.x - box.low.x;
    slice.plane.rows = box.high.y - box.low.y;
    slices.push_back(std::move(slice));
  }
  return SeriesGeometry::from_slices(std::move(slices), whole.frame_of_reference_uid(), whole.slice_spacing_mm());
}

SourceLesion keep(const CaseLesion& lesion) {
  const auto grid = mask_grid(lesion.mask.geometry);
  const auto box = bounds_of(lesion.mask.voxels, grid, 1);
  SourceLesion kept{{cut(lesion.mask.geometry, box), cut_out(lesion.mask.voxels, grid, box)}, lesion.labels, 0, {}, 0};
  const auto own = mask_grid(kept.mask.geometry);
  const auto tight = bounds_of(kept.mask.voxels, own);
  kept.length_mm = std::max({(tight.high.x - tight.low.x) * own.dx_mm, (tight.high.y - tight.low.y) * own.dy_mm,
                             (tight.high.z - tight.low.z) * own.dz_mm});
  const auto depth = distance_to_rest(kept.mask.voxels, own);
  for (std::size_t i = 0; i < depth.size(); ++i) {
    if (kept.mask.voxels[i] != 0) kept.voxels.push_back(i);
  }
  std::stable_sort(kept.voxels.begin(), kept.voxels.end(),
                   [&](std::size_t a, std::size_t b) { return depth[a] > depth[b]; });
  const double core = core_share * depth[kept.voxels.front()];
  kept.deep = static_cast<std::size_t>(
      std::count_if(kept.voxels.begin(), kept.voxels.end(), [&](auto i) { return depth[i] >= core; }));
  return kept;
}

/// Fills one slice from its edge through what is not body: what stays dry, lung and bowel among it, is the patient.
void fill_slice(const std::uint8_t* body, std::uint8_t* inside, int columns, int rows) {
  std::vector<int> front;
  std::fill(inside, inside + static_cast<std::ptrdiff_t>(columns) * rows, std::uint8_t{1});
  const auto wet = [&](int x, int y) {
    const int i = y * columns + x;
    if (x < 0 || y < 0 || x >= columns || y >= rows || body[i] != 0 || inside[i] == 0) return;
    inside[i] = 0;
    front.push_back(i);
  };
  for (int x = 0; x < columns; ++x) wet(x, 0), wet(x, rows - 1);
  for (int y = 0; y < rows; ++y) wet(0, y), wet(columns - 1, y);
  while (!front.empty()) {
    const int x = front.back() % columns, y = front.back() / columns;
    front.pop_back();
    wet(x - 1, y), wet(x + 1, y), wet(x, y - 1), wet(x, y + 1);
  }
}

/// Tissue of the patient, away from every lesion.
std::vector<std::uint8_t> plain_places(const LesionCase& loaded, const MaskGrid& grid) {
  std::vector<std::uint8_t> body(grid.size()), places(grid.size()), lesions(grid.size());
  std::transform(loaded.volume.hu.begin(), loaded.volume.hu.end(), body.begin(),
                 [](auto hu) { return hu > body_hu ? std::uint8_t{1} : std::uint8_t{0}; });
  for (int z = 0; z < grid.slices; ++z) {
    const auto at = grid.index(0, 0, z);
    fill_slice(&body[at], &places[at], grid.columns, grid.rows);
  }
  const auto add = [&](const LesionMask& mask) {
    std::transform(lesions.begin(), lesions.end(), mask.voxels.begin(), lesions.begin(),
                   [](auto a, auto b) { return a | b; });
  };
  for (const auto& lesion : loaded.lesions) add(lesion.mask);
  for (const auto& other : loaded.others) add(other);
  const auto distance = distance_to_set(lesions, grid);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (distance[i] < clear_of_lesion_mm) places[i] = 0;
  }
  return places;
}

}  // namespace

PatientPoint SourceLesion::click(Draw& draw) const {
  const auto reach = draw.uniform() < core_clicks ? deep : voxels.size();
  return mask.geometry.to_patient(mask_grid(mask.geometry).voxel(voxels[draw.below(reach)]));
}

std::optional<PatientPoint> SourceCase::plain_tissue(Draw& draw) const {
  constexpr int tries = 2000;
  const bool soft_only = draw.uniform() < soft_clicks;
  for (int i = 0; i < tries; ++i) {
    const auto at = draw.below(places.values().size());
    const auto here = hu.values()[at];
    const bool soft = here > -200 && here < 250;
    if (places.values()[at] == 0 || (soft_only && !soft)) continue;
    return geometry.to_patient(mask_grid(geometry).voxel(at));
  }
  return std::nullopt;
}

SourceCase make_source_case(const LesionCase& loaded, const std::filesystem::path& folder) {
  const auto grid = mask_grid(loaded.volume.geometry);
  std::vector<SourceLesion> lesions;
  lesions.reserve(loaded.lesions.size());
  for (const auto& lesion : loaded.lesions) lesions.push_back(keep(lesion));
  return {loaded.volume.geometry, std::move(lesions), LaidDown<std::int16_t>(loaded.volume.hu, folder),
          LaidDown<std::uint8_t>(plain_places(loaded, grid), folder)};
}

}  // namespace punctum
