#include "inference/preprocess/crop.hpp"

#include "inference/preprocess/voxel_reader.hpp"

namespace punctum {
namespace {

using Index = SeriesGeometry::FractionalIndex;

Index minus(const Index& a, const Index& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }

template <class Value>
std::vector<float> sample(const SeriesGeometry& geometry, std::span<const Value> values, const CropGrid& crop,
                          float outside) {
  const VoxelReader<Value> reader{values.data(), geometry.columns(), geometry.rows(), geometry.slice_count(), outside};
  // The way from crop to series is affine: three steps and an origin say it all.
  const auto step = [&](double x, double y, double z) {
    return geometry.to_index({crop.first_mm.x + x * crop.spacing_mm, crop.first_mm.y + y * crop.spacing_mm,
                              crop.first_mm.z + z * crop.spacing_mm});
  };
  const auto origin = step(0, 0, 0);
  const auto dx = minus(step(1, 0, 0), origin), dy = minus(step(0, 1, 0), origin), dz = minus(step(0, 0, 1), origin);
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(crop.size) * static_cast<std::size_t>(crop.size) *
              static_cast<std::size_t>(crop.size));
  for (int z = 0; z < crop.size; ++z) {
    for (int y = 0; y < crop.size; ++y) {
      const Index line{origin.x + y * dy.x + z * dz.x, origin.y + y * dy.y + z * dz.y, origin.z + y * dy.z + z * dz.z};
      for (int x = 0; x < crop.size; ++x) {
        out.push_back(reader.at(line.x + x * dx.x, line.y + x * dx.y, line.z + x * dx.z));
      }
    }
  }
  return out;
}

}  // namespace

CropGrid CropGrid::around(const PatientPoint& place, double spacing_mm, int size) {
  const int before = size / 2;  // voxels on the low side of the one at the place
  const double back = -spacing_mm * before;
  return {place + PatientVector{back, back, back}, spacing_mm, size};
}

CropGrid::Place CropGrid::to_crop(const PatientPoint& point) const {
  const auto v = (point - first_mm) * (1 / spacing_mm);
  return {v.x, v.y, v.z};
}

bool CropGrid::holds(const PatientPoint& point, double margin) const {
  const auto at = to_crop(point);
  const auto within = [&](double v) { return v >= margin - 0.5 && v <= size - 0.5 - margin; };
  return within(at.x) && within(at.y) && within(at.z);
}

std::vector<float> sample_hu(const Volume& volume, const CropGrid& crop) {
  return sample_hu(volume.geometry, volume.hu, crop);
}

std::vector<float> sample_hu(const SeriesGeometry& geometry, std::span<const std::int16_t> hu, const CropGrid& crop) {
  return sample(geometry, hu, crop, outside_hu);
}

std::vector<float> sample_mask(const SeriesGeometry& geometry, const std::vector<std::uint8_t>& voxels,
                               const CropGrid& crop) {
  return sample<std::uint8_t>(geometry, voxels, crop, 0);
}

}  // namespace punctum
