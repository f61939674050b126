#include "inference/synthesis/background.hpp"

#include <cmath>

#include "dicom/types/error.hpp"

namespace punctum::synthesis {
namespace {

constexpr double cell_mm = 2.5;
constexpr double body_hu = -350;         // denser than this is no air and no lung
constexpr double lesion_margin_mm = 15;  // free around the real lesions of a CT
constexpr double least_room_mm = 5;      // nothing is centred nearer to the skin

Box box_of(const SeriesGeometry& g) {
  Box box{{1e9, 1e9, 1e9}, {-1e9, -1e9, -1e9}};
  for (int corner = 0; corner < 8; ++corner) {
    const auto p = g.to_patient((corner & 1) != 0 ? g.columns() - 1 : 0, (corner & 2) != 0 ? g.rows() - 1 : 0,
                                (corner & 4) != 0 ? g.slice_count() - 1 : 0);
    box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y), std::min(box.low.z, p.z)};
    box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y), std::max(box.high.z, p.z)};
  }
  return box;
}

/// Reads values of the series' grid at every cell; `outside` beyond the series.
template <class Value>
Grid<float> sampled(const SeriesGeometry& g, const std::vector<Value>& values, double step_mm, float outside) {
  auto grid = Grid<float>::over(box_of(g), step_mm);
  const VoxelReader<Value> reader{values.data(), g.columns(), g.rows(), g.slice_count(), outside};
  read_from_series(grid, g, [&reader](double x, double y, double z) { return reader.at(x, y, z); });
  return grid;
}

/// Marks everything that hangs together with a start by faces, in the whole grid or in one of its slices.
void flood(const Grid<std::uint8_t>& open, std::uint32_t start, std::uint8_t mark, std::vector<std::uint8_t>& marks,
           std::vector<std::uint32_t>& reached, bool in_slice) {
  const auto nx = static_cast<std::uint32_t>(open.nx), ny = static_cast<std::uint32_t>(open.ny);
  const auto plane = nx * ny;
  reached.assign(1, start);
  marks[start] = mark;
  const auto enter = [&](std::uint32_t to) {
    if (open.values[to] == 0 || marks[to] != 0) return;
    marks[to] = mark;
    reached.push_back(to);
  };
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const std::uint32_t i = reached[next], x = i % nx, y = i / nx % ny;
    if (x > 0) enter(i - 1);
    if (x + 1 < nx) enter(i + 1);
    if (y > 0) enter(i - nx);
    if (y + 1 < ny) enter(i + nx);
    if (!in_slice && i >= plane) enter(i - plane);
    if (!in_slice && i + plane < open.values.size()) enter(i + plane);
  }
}

std::vector<std::uint8_t> largest_piece(const Grid<std::uint8_t>& set) {
  std::vector<std::uint8_t> seen(set.values.size());
  std::vector<std::uint32_t> piece, largest;
  for (std::uint32_t i = 0; i < set.values.size(); ++i) {
    if (set.values[i] == 0 || seen[i] != 0) continue;
    flood(set, i, 1, seen, piece, false);
    if (piece.size() > largest.size()) largest = piece;
  }
  std::vector<std::uint8_t> kept(set.values.size());
  for (const auto i : largest) kept[i] = 1;
  return kept;
}

/// Air that hangs together with the edge of its slice; where flesh is cut off by the edge, nothing is air.
std::vector<std::uint8_t> air_around(const Grid<std::uint8_t>& not_flesh) {
  std::vector<std::uint8_t> air(not_flesh.values.size());
  std::vector<std::uint32_t> reached;
  const auto start = [&](int x, int y, int z) {
    const auto i = static_cast<std::uint32_t>(not_flesh.index(x, y, z));
    if (not_flesh.values[i] != 0 && air[i] == 0) flood(not_flesh, i, 1, air, reached, true);
  };
  for (int z = 0; z < not_flesh.nz; ++z) {
    for (int x = 0; x < not_flesh.nx; ++x) {
      start(x, 0, z);
      start(x, not_flesh.ny - 1, z);
    }
    for (int y = 0; y < not_flesh.ny; ++y) {
      start(0, y, z);
      start(not_flesh.nx - 1, y, z);
    }
  }
  return air;
}

}  // namespace

TissueClass class_of(double hu) {
  if (hu < -935) return TissueClass::gas;
  if (hu < -550) return TissueClass::lung;
  if (hu < -140 || (hu > -45 && hu < -12)) return TissueClass::other;
  if (hu <= -45) return TissueClass::fat;
  if (hu < 185) return TissueClass::soft;
  return TissueClass::bone;
}

Volume softened(Volume volume) {
  const auto& g = volume.geometry;
  const auto slice = static_cast<std::size_t>(g.columns()) * static_cast<std::size_t>(g.rows());
  std::vector<float> plane(slice);
  for (std::size_t at = 0; at + slice <= volume.hu.size(); at += slice) {
    for (std::size_t i = 0; i < slice; ++i) plane[i] = volume.hu[at + i];
    smooth(plane, g.columns(), g.rows(), 1);
    for (std::size_t i = 0; i < slice; ++i) {
      volume.hu[at + i] = static_cast<std::int16_t>(std::floor(plane[i] + 0.5F));
    }
  }
  return volume;
}

Background::Background(Volume volume, std::string body_part, const std::vector<LesionMask>& lesions)
    : volume_(std::move(volume)), body_part_(std::move(body_part)) {
  for (const auto& lesion : lesions) {
    if (lesion.voxels.size() != volume_.hu.size()) {
      throw GeometryError("cannot keep lesions out of a background: found a mask of " +
                          std::to_string(lesion.voxels.size()) + " voxels, expected " +
                          std::to_string(volume_.hu.size()));
    }
  }
  calm_ = sampled(volume_.geometry, volume_.hu, cell_mm, -1000);
  smooth(calm_);
  find_body(lesions);
  sort_places();
  measure_noise();
}

void Background::find_body(const std::vector<LesionMask>& lesions) {
  std::vector<std::uint8_t> flesh(calm_.size());
  for (std::size_t i = 0; i < flesh.size(); ++i) flesh[i] = calm_.values[i] > body_hu;
  // The table is thin and touches the skin: what is eroded away stays away unless it lies near what remains.
  const auto depth = distance_to_rest(flesh, calm_.mask_grid());
  std::vector<std::uint8_t> core(flesh.size());
  for (std::size_t i = 0; i < core.size(); ++i) core[i] = depth[i] > 7.5;
  core = largest_piece(calm_.like(std::move(core)));
  const auto from_core = distance_to_set(core, calm_.mask_grid());
  std::vector<std::uint8_t> not_flesh(flesh.size());
  for (std::size_t i = 0; i < flesh.size(); ++i) not_flesh[i] = flesh[i] == 0 || from_core[i] > 9;
  auto forbidden = air_around(calm_.like(std::move(not_flesh)));
  for (const auto& lesion : lesions) {
    auto mask = sampled(volume_.geometry, lesion.voxels, cell_mm, 0);
    std::vector<std::uint8_t> set(mask.size());
    for (std::size_t i = 0; i < set.size(); ++i) set[i] = mask.values[i] > 0.2F;
    const auto distance = distance_to_set(set, calm_.mask_grid());
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (distance[i] < lesion_margin_mm) forbidden[i] = 1;
    }
  }
  auto room = distance_to_set(forbidden, calm_.mask_grid());
  for (auto& mm : room) mm = std::min(mm, 500.0F);
  room_ = calm_.like(std::move(room));
}

void Background::sort_places() {
  for (int z = 1; z + 1 < calm_.nz; ++z) {
    for (int y = 1; y + 1 < calm_.ny; ++y) {
      for (int x = 1; x + 1 < calm_.nx; ++x) {
        const auto i = calm_.index(x, y, z);
        if (room_.values[i] < least_room_mm) continue;
        const auto kind = class_of(calm_.values[i]);
        places_[static_cast<std::size_t>(kind)].push_back(static_cast<std::uint32_t>(i));
      }
    }
  }
}

TissueClass Background::tissue(const Vec3& p) const {
  return room(p) <= 0 ? TissueClass::outside : class_of(calm_hu(p));
}

Vec3 Background::place(std::uint32_t cell, phantom::Random& random) const {
  const double h = 0.5 * calm_.step_mm;
  return calm_.place(static_cast<std::size_t>(cell)) +
         Vec3{random.uniform(-h, h), random.uniform(-h, h), random.uniform(-h, h)};
}

double Background::slope(const Vec3& p) const {
  const double h = calm_.step_mm;
  const Vec3 d{calm_hu(p + Vec3{h, 0, 0}) - calm_hu(p - Vec3{h, 0, 0}),
               calm_hu(p + Vec3{0, h, 0}) - calm_hu(p - Vec3{0, h, 0}),
               calm_hu(p + Vec3{0, 0, h}) - calm_hu(p - Vec3{0, 0, h})};
  return length(d) / (2 * h);
}

void Background::measure_noise() {
  const auto& soft = places(TissueClass::soft);
  if (soft.empty()) return;
  const auto& g = volume_.geometry;
  phantom::Random random(0x6e6f697365ULL);
  // Windows of 9 x 9 voxels in two neighbouring slices; the calmest fifth of them holds noise and little else.
  struct Window {
    double variance, across, along, high_pass;
  };
  std::vector<Window> windows;
  for (int trial = 0; trial < 4000 && windows.size() < 600; ++trial) {
    const Vec3 p = place(soft[static_cast<std::size_t>(random.below(static_cast<int>(soft.size())))], random);
    const auto at = g.to_index({p.x, p.y, p.z});
    const int cx = static_cast<int>(at.x), cy = static_cast<int>(at.y), cz = static_cast<int>(at.z);
    if (cx < 6 || cy < 6 || cz < 1 || cx + 6 >= g.columns() || cy + 6 >= g.rows() || cz + 2 >= g.slice_count())
      continue;
    if (slope(p) > 3) continue;
    const auto hu = [&](int x, int y, int z) { return static_cast<double>(volume_.at({cx + x, cy + y, cz + z})); };
    double mean[2] = {0, 0};
    for (int y = -4; y <= 4; ++y) {
      for (int x = -4; x <= 4; ++x) {
        mean[0] += hu(x, y, 0) / 81;
        mean[1] += hu(x, y, 1) / 81;
      }
    }
    Window w{0, 0, 0, 0};
    for (int y = -4; y <= 4; ++y) {
      for (int x = -4; x <= 4; ++x) {
        const double here = hu(x, y, 0) - mean[0];
        w.variance += here * here / 80;
        w.across += here * (hu(x + 1, y, 0) + hu(x, y + 1, 0) - 2 * mean[0]) / 160;
        w.along += here * (hu(x, y, 1) - mean[1]) / 80;
        const double high =
            hu(x, y, 0) - 0.25 * (hu(x - 1, y, 0) + hu(x + 1, y, 0) + hu(x, y - 1, 0) + hu(x, y + 1, 0));
        w.high_pass += high * high / 81;
      }
    }
    windows.push_back(w);
  }
  if (windows.size() < 20) return;
  std::sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.variance < b.variance; });
  windows.resize(std::max<std::size_t>(10, windows.size() / 5));
  Window sum{0, 0, 0, 0};
  for (const auto& w : windows) {
    sum.variance += w.variance;
    sum.across += w.across;
    sum.along += w.along;
    sum.high_pass += w.high_pass;
  }
  if (sum.variance <= 0) return;
  noise_.hu = std::sqrt(sum.variance / static_cast<double>(windows.size()));
  noise_.across = std::clamp(sum.across / sum.variance, 0.0, 0.66);
  noise_.along = std::clamp(sum.along / sum.variance, 0.0, 0.66);
  noise_.high_pass = std::max(0.05, sum.high_pass / sum.variance);
}

}  // namespace punctum::synthesis
