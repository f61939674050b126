#include "inference/postprocess/source_mask.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "inference/preprocess/face_neighbours.hpp"

namespace punctum {
namespace {

/// Half-open box of voxels of the series.
struct Box {
  std::array<int, 3> first{}, last{};
};

Box box_of(const SeriesGeometry& geometry, const CropGrid& crop) {
  const std::array<int, 3> counts{geometry.columns(), geometry.rows(), geometry.slice_count()};
  std::array<double, 3> low, high;
  low.fill(std::numeric_limits<double>::max());
  high.fill(std::numeric_limits<double>::lowest());
  const double side = crop.spacing_mm * (crop.size - 1);
  for (int corner = 0; corner < 8; ++corner) {
    const auto at = geometry.to_index(
        crop.first_mm + PatientVector{corner & 1 ? side : 0, corner & 2 ? side : 0, corner & 4 ? side : 0});
    const std::array<double, 3> v{at.x, at.y, at.z};
    for (std::size_t i = 0; i < 3; ++i) low[i] = std::min(low[i], v[i]), high[i] = std::max(high[i], v[i]);
  }
  Box box;
  for (std::size_t i = 0; i < 3; ++i) {
    const double count = counts[i];
    box.first[i] = static_cast<int>(std::clamp(std::ceil(low[i] - 1), 0.0, count));
    box.last[i] = static_cast<int>(std::clamp(std::floor(high[i] + 1) + 1, 0.0, count));
  }
  return box;
}

float interpolated(const std::vector<float>& logits, int size, const CropGrid::Place& p) {
  const double top = size - 1;
  if (p.x < -0.5 || p.y < -0.5 || p.z < -0.5 || p.x > top + 0.5 || p.y > top + 0.5 || p.z > top + 0.5) return -1;
  const auto n = static_cast<std::size_t>(size);
  const auto split = [&](double v, std::size_t& low, std::size_t& high) {
    const double inside = std::clamp(v, 0.0, top);
    low = static_cast<std::size_t>(inside);
    high = std::min(low + 1, n - 1);
    return static_cast<float>(inside - std::floor(inside));
  };
  std::size_t x0, x1, y0, y1, z0, z1;
  const float fx = split(p.x, x0, x1), fy = split(p.y, y0, y1), fz = split(p.z, z0, z1);
  const auto row = [&](std::size_t y, std::size_t z) {
    const float a = logits[(z * n + y) * n + x0], b = logits[(z * n + y) * n + x1];
    return a + fx * (b - a);
  };
  const auto plane = [&](std::size_t z) {
    const float a = row(y0, z), b = row(y1, z);
    return a + fy * (b - a);
  };
  const float front = plane(z0), back = plane(z1);
  return front + fz * (back - front);
}

std::size_t flat_index(const SeriesGeometry& g, int x, int y, int z) {
  return (static_cast<std::size_t>(z) * static_cast<std::size_t>(g.rows()) + static_cast<std::size_t>(y)) *
             static_cast<std::size_t>(g.columns()) +
         static_cast<std::size_t>(x);
}

double square_mm2(const PatientPoint& a, const PatientPoint& b) {
  const auto between = a - b;
  return dot(between, between);
}

/// The smallest box around all marked voxels; empty (first == last) if there are none.
Box bounds_of(const LesionMask& mask) {
  const auto& g = mask.geometry;
  Box box{{g.columns(), g.rows(), g.slice_count()}, {0, 0, 0}};
  for (int z = 0; z < g.slice_count(); ++z) {
    for (int y = 0; y < g.rows(); ++y) {
      const auto row = mask.voxels.begin() + static_cast<std::ptrdiff_t>(flat_index(g, 0, y, z)),
                 end = row + g.columns();
      const auto first = std::find(row, end, std::uint8_t{1});
      if (first == end) continue;
      const auto last =
          std::find(std::make_reverse_iterator(end), std::make_reverse_iterator(first), std::uint8_t{1}).base();
      box.first = {std::min(box.first[0], static_cast<int>(first - row)), std::min(box.first[1], y),
                   std::min(box.first[2], z)};
      box.last = {std::max(box.last[0], static_cast<int>(last - row)), std::max(box.last[1], y + 1),
                  std::max(box.last[2], z + 1)};
    }
  }
  if (box.last[0] == 0) box.first = box.last;
  return box;
}

/// Connected parts of a mask within its bounds, numbered from 1; 0 is outside.
class Parts {
 public:
  Parts(const LesionMask& mask, const Box& box) : mask_(mask), box_(box) {
    for (std::size_t i = 0; i < 3; ++i) size_[i] = box.last[i] - box.first[i];
    part_of_.assign(
        static_cast<std::size_t>(size_[0]) * static_cast<std::size_t>(size_[1]) * static_cast<std::size_t>(size_[2]),
        0);
    for (int z = box.first[2]; z < box.last[2]; ++z) {
      for (int y = box.first[1]; y < box.last[1]; ++y) {
        for (int x = box.first[0]; x < box.last[0]; ++x) {
          if (marked({x, y, z}) && at({x, y, z}) == 0) fill({x, y, z});
        }
      }
    }
  }

  int at(const VoxelIndex& v) const { return inside(v) ? part_of_[local(v)] : 0; }

  /// The part with a voxel nearest to a place, 0 if none within reach.
  int nearest(const VoxelIndex& click, double reach_mm) const {
    const auto place = mask_.geometry.to_patient(click);
    int best = 0;
    double best_square = reach_mm * reach_mm;
    for (const auto& voxel : members_) {
      const double square = square_mm2(mask_.geometry.to_patient(voxel), place);
      if (square < best_square) best_square = square, best = at(voxel);
    }
    return best;
  }

 private:
  bool inside(const VoxelIndex& v) const {
    return v.x >= box_.first[0] && v.x < box_.last[0] && v.y >= box_.first[1] && v.y < box_.last[1] &&
           v.z >= box_.first[2] && v.z < box_.last[2];
  }
  bool marked(const VoxelIndex& v) const { return mask_.voxels[flat_index(mask_.geometry, v.x, v.y, v.z)] != 0; }
  std::size_t local(const VoxelIndex& v) const {
    return (static_cast<std::size_t>(v.z - box_.first[2]) * static_cast<std::size_t>(size_[1]) +
            static_cast<std::size_t>(v.y - box_.first[1])) *
               static_cast<std::size_t>(size_[0]) +
           static_cast<std::size_t>(v.x - box_.first[0]);
  }

  void fill(const VoxelIndex& start) {
    ++count_;
    std::vector<VoxelIndex> open{start};
    part_of_[local(start)] = count_;
    while (!open.empty()) {
      const auto v = open.back();
      open.pop_back();
      members_.push_back(v);
      for (const VoxelIndex next : {VoxelIndex{v.x - 1, v.y, v.z},
                                    {v.x + 1, v.y, v.z},
                                    {v.x, v.y - 1, v.z},
                                    {v.x, v.y + 1, v.z},
                                    {v.x, v.y, v.z - 1},
                                    {v.x, v.y, v.z + 1}}) {
        if (!inside(next) || !marked(next) || part_of_[local(next)] != 0) continue;
        part_of_[local(next)] = count_;
        open.push_back(next);
      }
    }
  }

  const LesionMask& mask_;
  Box box_;
  std::array<int, 3> size_{};
  std::vector<int> part_of_;
  std::vector<VoxelIndex> members_;  // all voxels of all parts
  int count_ = 0;
};

/// Leaves what is nearer to one of the places that are `spared`.
void clear_around(LesionMask& mask, const VoxelIndex& click, double radius_mm,
                  const std::vector<PatientPoint>& spared) {
  const auto& g = mask.geometry;
  const auto place = g.to_patient(click);
  const auto span = [&](double spacing) { return static_cast<int>(std::ceil(radius_mm / spacing)); };
  const int rx = span(g.column_spacing_mm()), ry = span(g.row_spacing_mm()), rz = span(g.slice_spacing_mm());
  for (int z = click.z - rz; z <= click.z + rz; ++z) {
    for (int y = click.y - ry; y <= click.y + ry; ++y) {
      for (int x = click.x - rx; x <= click.x + rx; ++x) {
        const VoxelIndex v{x, y, z};
        if (!g.contains(v)) continue;
        const auto here = g.to_patient(v);
        const double away = square_mm2(here, place);
        if (v != click && away > radius_mm * radius_mm) continue;
        if (std::ranges::any_of(spared, [&](const auto& other) { return square_mm2(here, other) < away; })) continue;
        mask.voxels[flat_index(g, x, y, z)] = 0;
      }
    }
  }
}

}  // namespace

LesionMask mask_on_source(const SeriesGeometry& geometry, const CropGrid& crop, const std::vector<float>& logits) {
  LesionMask mask{geometry, std::vector<std::uint8_t>(flat_index(geometry, 0, 0, geometry.slice_count()), 0)};
  put_finer_answer(mask, crop, logits, 0);
  return mask;
}

float logit_at(const std::vector<float>& logits, const CropGrid& crop, const PatientPoint& place) {
  return interpolated(logits, crop.size, crop.to_crop(place));
}

std::vector<float> resampled(const std::vector<float>& logits, const CropGrid& from, const CropGrid& to) {
  std::vector<float> values;
  values.reserve(logits.size());
  const double step = to.spacing_mm;
  for (int z = 0; z < to.size; ++z) {
    for (int y = 0; y < to.size; ++y) {
      for (int x = 0; x < to.size; ++x) {
        const PatientPoint place{to.first_mm.x + x * step, to.first_mm.y + y * step, to.first_mm.z + z * step};
        values.push_back(logit_at(logits, from, place));
      }
    }
  }
  return values;
}

void put_finer_answer(LesionMask& mask, const CropGrid& crop, const std::vector<float>& logits, double margin) {
  const auto& g = mask.geometry;
  const auto box = box_of(g, crop);
  for (int z = box.first[2]; z < box.last[2]; ++z) {
    for (int y = box.first[1]; y < box.last[1]; ++y) {
      for (int x = box.first[0]; x < box.last[0]; ++x) {
        const auto place = g.to_patient(x, y, z);
        if (!crop.holds(place, margin)) continue;
        mask.voxels[flat_index(g, x, y, z)] = logit_at(logits, crop, place) > 0;
      }
    }
  }
}

void keep_clicked_parts(LesionMask& mask, const std::vector<VoxelIndex>& positive,
                        const std::vector<VoxelIndex>& negative, double reach_mm, double clear_mm) {
  std::vector<PatientPoint> marked;
  for (const auto& click : positive) marked.push_back(mask.geometry.to_patient(click));
  for (const auto& click : negative) clear_around(mask, click, clear_mm, marked);
  const auto box = bounds_of(mask);
  const Parts parts(mask, box);
  std::set<int> kept;
  for (const auto& click : positive) {
    const int held = parts.at(click);
    kept.insert(held != 0 ? held : parts.nearest(click, reach_mm));
  }
  kept.erase(0);
  for (int z = box.first[2]; z < box.last[2]; ++z) {
    for (int y = box.first[1]; y < box.last[1]; ++y) {
      for (int x = box.first[0]; x < box.last[0]; ++x) {
        auto& voxel = mask.voxels[flat_index(mask.geometry, x, y, z)];
        if (voxel != 0) voxel = kept.contains(parts.at({x, y, z}));
      }
    }
  }
}

bool lies_within(const std::vector<float>& logits, const CropGrid& crop, const std::vector<PatientPoint>& clicked,
                 const CropGrid& inner, double margin) {
  const std::size_t side = static_cast<std::size_t>(crop.size), plane = side * side;
  std::vector<std::uint8_t> seen(logits.size(), 0);
  std::vector<std::size_t> front;
  const auto visit = [&](std::size_t i) {
    if (seen[i] == 0 && logits[i] > 0) seen[i] = 1, front.push_back(i);
  };
  const auto nearest = [&](double v) {
    return static_cast<std::size_t>(std::lround(std::clamp(v, 0.0, crop.size - 1.0)));
  };
  for (const auto& place : clicked) {
    const auto at = crop.to_crop(place);
    if (crop.holds(place, 0)) visit(nearest(at.z) * plane + nearest(at.y) * side + nearest(at.x));
  }
  if (front.empty()) {
    for (std::size_t i = 0; i < logits.size(); ++i) visit(i);
  }
  if (front.empty()) return false;
  while (!front.empty()) {
    const auto i = front.back();
    front.pop_back();
    const auto x = i % side, y = i / side % side, z = i / plane;
    const auto mm = [&](std::size_t n) { return static_cast<double>(n) * crop.spacing_mm; };
    if (!inner.holds({crop.first_mm.x + mm(x), crop.first_mm.y + mm(y), crop.first_mm.z + mm(z)}, margin)) return false;
    for_face_neighbours(i, {side, side, side}, visit);
  }
  return true;
}

bool reaches_border(const std::vector<float>& logits, const CropGrid& crop, int margin) {
  const int n = crop.size;
  std::size_t i = 0, marked = 0;
  const auto outer = [&](int v) { return v < margin || v >= n - margin; };
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x, ++i) marked += logits[i] > 0 && (outer(x) || outer(y) || outer(z));
    }
  }
  return marked > 0;
}

}  // namespace punctum
