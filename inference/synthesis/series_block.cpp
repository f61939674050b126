#include "inference/synthesis/series_block.hpp"

#include <cmath>

namespace punctum::synthesis {
namespace {

using phantom::smooth_step;

Vec3 as_vec(const PatientPoint& p) { return {p.x, p.y, p.z}; }

/// Nearly normal: the sum of the four quarters of a mixed word.
float white(std::uint64_t seed, int x, int y, int z) {
  const auto key = (static_cast<std::uint64_t>(x + 4096) << 40) ^ (static_cast<std::uint64_t>(y + 4096) << 20) ^
                   static_cast<std::uint64_t>(z + 4096);
  const std::uint64_t bits = phantom::mix(seed ^ phantom::mix(key));
  const auto sum = static_cast<int>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
  return static_cast<float>(sum - 2 * 65535) * (1.0F / 37837.0F);
}

/// Weight of the neighbours in a three-point filter that gives white noise this correlation of neighbours.
double side_weight(double correlation) {
  return correlation < 0.01 ? 0 : (1 - std::sqrt(1 - 2 * correlation * correlation)) / (2 * correlation);
}

struct Extent {
  int nx, ny, nz;
  std::size_t plane() const { return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny); }
  std::size_t size() const { return plane() * static_cast<std::size_t>(nz); }
};

/// Every value with its neighbours at this distance in memory; the ends of the array are not used by anyone.
void filter(std::vector<float>& values, std::size_t stride, double side) {
  if (side == 0) return;
  const auto middle = static_cast<float>(1 / std::sqrt(1 + 2 * side * side)), wing = static_cast<float>(side) * middle;
  const std::vector<float> in = values;
  for (std::size_t i = stride; i + stride < in.size(); ++i) {
    values[i] = middle * in[i] + wing * (in[i - stride] + in[i + stride]);
  }
}

/// Noise of variance 1 for a range of voxels that is one voxel larger on each side than what it is used for.
std::vector<float> noise_in(const VoxelIndex& low, const Extent& extent, std::uint64_t seed, const NoiseLook& look) {
  std::vector<float> noise;
  noise.reserve(extent.size());
  for (int z = 0; z < extent.nz; ++z) {
    for (int y = 0; y < extent.ny; ++y) {
      for (int x = 0; x < extent.nx; ++x) noise.push_back(white(seed, low.x + x, low.y + y, low.z + z));
    }
  }
  const double across = side_weight(look.across);
  filter(noise, 1, across);
  filter(noise, static_cast<std::size_t>(extent.nx), across);
  filter(noise, extent.plane(), side_weight(look.along));
  return noise;
}

}  // namespace

SeriesBlock::SeriesBlock(const Volume& volume, const Box& box) : geometry_(volume.geometry) {
  origin_ = as_vec(geometry_.to_patient(0, 0, 0));
  step_x_ = as_vec(geometry_.to_patient(1, 0, 0)) - origin_;
  step_y_ = as_vec(geometry_.to_patient(0, 1, 0)) - origin_;
  step_z_ = as_vec(geometry_.to_patient(0, 0, 1)) - origin_;
  range_ = range_of(box);
  for (int z = range_.low.z; z < range_.high.z; ++z) {
    for (int y = range_.low.y; y < range_.high.y; ++y) {
      const auto line = volume.hu.begin() + static_cast<std::ptrdiff_t>(volume.index({range_.low.x, y, z}));
      hu_.insert(hu_.end(), line, line + (range_.high.x - range_.low.x));
    }
  }
}

SeriesBlock::Range SeriesBlock::range_of(const Box& box) const {
  Vec3 low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  for (int corner = 0; corner < 8; ++corner) {
    const auto at =
        geometry_.to_index({(corner & 1) != 0 ? box.high.x : box.low.x, (corner & 2) != 0 ? box.high.y : box.low.y,
                            (corner & 4) != 0 ? box.high.z : box.low.z});
    low = {std::min(low.x, at.x), std::min(low.y, at.y), std::min(low.z, at.z)};
    high = {std::max(high.x, at.x), std::max(high.y, at.y), std::max(high.z, at.z)};
  }
  const auto first = [](double v, int count) { return std::clamp(static_cast<int>(std::floor(v)) - 1, 0, count - 1); };
  const auto end = [](double v, int count) { return std::clamp(static_cast<int>(std::floor(v)) + 3, 1, count); };
  return {{first(low.x, geometry_.columns()), first(low.y, geometry_.rows()), first(low.z, geometry_.slice_count())},
          {end(high.x, geometry_.columns()), end(high.y, geometry_.rows()), end(high.z, geometry_.slice_count())}};
}

Vec3 SeriesBlock::place(int x, int y, int z) const { return origin_ + step_x_ * x + step_y_ * y + step_z_ * z; }

std::size_t SeriesBlock::index(int x, int y, int z) const {
  const auto columns = static_cast<std::size_t>(range_.high.x - range_.low.x);
  const auto rows = static_cast<std::size_t>(range_.high.y - range_.low.y);
  return (static_cast<std::size_t>(z - range_.low.z) * rows + static_cast<std::size_t>(y - range_.low.y)) * columns +
         static_cast<std::size_t>(x - range_.low.x);
}

void SeriesBlock::lay(const Coat& coat, const NoiseLook& look) {
  const double pixel = length(step_x_), slice = length(step_z_), blur = 2.56 * coat.psf_mm;
  const double width = std::sqrt(coat.edge_mm * coat.edge_mm + blur * blur + 0.4 * pixel * pixel) / 0.608;
  Range range = range_of(coat.shape->bounds().grown(0.5 * width + 3 * coat.fringe_mm + 0.5 * slice));
  range.low = {std::max(range.low.x, range_.low.x), std::max(range.low.y, range_.low.y),
               std::max(range.low.z, range_.low.z)};
  range.high = {std::min(range.high.x, range_.high.x), std::min(range.high.y, range_.high.y),
                std::min(range.high.z, range_.high.z)};
  if (range.low.x >= range.high.x || range.low.y >= range.high.y || range.low.z >= range.high.z) return;
  const Extent extent{range.high.x - range.low.x + 2, range.high.y - range.low.y + 2, range.high.z - range.low.z + 2};
  std::vector<float> noise;
  if (coat.noise_hu > 0) {
    noise = noise_in({range.low.x - 1, range.low.y - 1, range.low.z - 1}, extent, coat.noise_seed, look);
  }
  const auto rendered = [&](const Vec3& p) {
    const double d = coat.shape->distance(p);
    return coat.fringe_mm > 0 ? d + coat.fringe_mm * std::clamp(coat.fringe_field(p), -3.0, 3.0) : d;
  };
  const int samples = slice > 3.5 ? 4 : slice > 1.8 ? 3 : 2;
  for (int z = range.low.z; z < range.high.z; ++z) {
    for (int y = range.low.y; y < range.high.y; ++y) {
      for (int x = range.low.x; x < range.high.x; ++x) {
        const Vec3 p = place(x, y, z);
        const double d = rendered(p);
        if (d > 0.5 * (width + slice)) continue;
        double cover = 1;
        if (d > -0.5 * (width + slice)) {  // mean over the thickness of the slice
          double sum = 0;
          for (int i = 0; i < samples; ++i) {
            sum += smooth_step(0.5 - rendered(p + step_z_ * ((i + 0.5) / samples - 0.5)) / width);
          }
          cover = sum / samples;
        }
        if (cover <= 0) continue;
        float& hu = hu_[index(x, y, z)];
        const double lesion = coat.tissue->hu(p, d);
        if (coat.see_through) {
          hu += static_cast<float>(cover * (lesion - coat.host_hu));
          continue;
        }
        // The noise that leaves with the covered share comes back with the lesion, so that its strength stays the same.
        hu += static_cast<float>(cover * (lesion - hu));
        if (noise.empty()) continue;
        const auto at = (static_cast<std::size_t>(z - range.low.z + 1) * static_cast<std::size_t>(extent.ny) +
                         static_cast<std::size_t>(y - range.low.y + 1)) *
                            static_cast<std::size_t>(extent.nx) +
                        static_cast<std::size_t>(x - range.low.x + 1);
        hu += static_cast<float>(std::sqrt(1 - (1 - cover) * (1 - cover)) * coat.noise_hu) * noise[at];
      }
    }
  }
}

double SeriesBlock::noise_about(const phantom::Shape& solid, const NoiseLook& look) const {
  std::vector<float> rough;
  const Range range = range_of(solid.bounds().grown(8));
  for (int z = std::max(range.low.z, range_.low.z); z < std::min(range.high.z, range_.high.z); ++z) {
    for (int y = std::max(range.low.y, range_.low.y) + 1; y + 1 < std::min(range.high.y, range_.high.y); y += 2) {
      for (int x = std::max(range.low.x, range_.low.x) + 1; x + 1 < std::min(range.high.x, range_.high.x); x += 2) {
        if (std::abs(solid.distance(place(x, y, z))) > 8) continue;
        const auto i = index(x, y, z), row = static_cast<std::size_t>(range_.high.x - range_.low.x);
        rough.push_back(std::abs(hu_[i] - 0.25F * (hu_[i - 1] + hu_[i + 1] + hu_[i - row] + hu_[i + row])));
      }
    }
  }
  if (rough.size() < 20) return look.hu;
  // Less than the median: what is rougher than that holds borders, not only noise.
  const auto third = rough.begin() + static_cast<std::ptrdiff_t>(rough.size() / 3);
  std::nth_element(rough.begin(), third, rough.end());
  return *third / 0.4307 / std::sqrt(look.high_pass);
}

double SeriesBlock::mean_in(const phantom::Shape& solid, double depth_mm) const {
  const Range range = range_of(solid.bounds());
  double sum[2] = {0, 0}, count[2] = {0, 0};
  for (int z = std::max(range.low.z, range_.low.z); z < std::min(range.high.z, range_.high.z); ++z) {
    for (int y = std::max(range.low.y, range_.low.y); y < std::min(range.high.y, range_.high.y); ++y) {
      for (int x = std::max(range.low.x, range_.low.x); x < std::min(range.high.x, range_.high.x); ++x) {
        const double d = solid.distance(place(x, y, z));
        if (d >= 0) continue;
        const std::size_t deep = d < -depth_mm ? 1 : 0;
        sum[deep] += hu_[index(x, y, z)];
        count[deep] += 1;
      }
    }
  }
  if (count[1] >= 12) return sum[1] / count[1];
  return (sum[0] + sum[1]) / (count[0] + count[1]);
}

bool SeriesBlock::in_series(const Vec3& p) const {
  const auto at = geometry_.to_index({p.x, p.y, p.z});
  return VoxelReader<float>{nullptr, geometry_.columns(), geometry_.rows(), geometry_.slice_count()}.holds(at.x, at.y,
                                                                                                           at.z);
}

void SeriesBlock::read_line(const Vec3& p, double step_mm, int count, std::int16_t* into) const {
  const auto from = geometry_.to_index({p.x, p.y, p.z}), next = geometry_.to_index({p.x + step_mm, p.y, p.z});
  const VoxelReader<float> series{nullptr, geometry_.columns(), geometry_.rows(), geometry_.slice_count()};
  const VoxelReader<float> block{hu_.data(), range_.high.x - range_.low.x, range_.high.y - range_.low.y,
                                 range_.high.z - range_.low.z};
  for (int i = 0; i < count; ++i) {
    const double x = from.x + i * (next.x - from.x), y = from.y + i * (next.y - from.y),
                 z = from.z + i * (next.z - from.z);
    const float hu =
        series.holds(x, y, z) ? block.clamped(x - range_.low.x, y - range_.low.y, z - range_.low.z) : series.outside;
    into[i] = static_cast<std::int16_t>(std::floor(std::clamp(hu, -1024.0F, 3071.0F) + 0.5F));
  }
}

void SeriesBlock::write_back(std::vector<std::int16_t>& hu) const {
  for (int z = range_.low.z; z < range_.high.z; ++z) {
    for (int y = range_.low.y; y < range_.high.y; ++y) {
      for (int x = range_.low.x; x < range_.high.x; ++x) {
        const auto at =
            (static_cast<std::size_t>(z) * static_cast<std::size_t>(geometry_.rows()) + static_cast<std::size_t>(y)) *
                static_cast<std::size_t>(geometry_.columns()) +
            static_cast<std::size_t>(x);
        hu[at] = static_cast<std::int16_t>(std::floor(std::clamp(hu_[index(x, y, z)], -1024.0F, 3071.0F) + 0.5F));
      }
    }
  }
}

}  // namespace punctum::synthesis
