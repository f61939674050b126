#include "inference/phantom/acquire.hpp"

#include "inference/phantom/random.hpp"

namespace punctum::phantom {
namespace {

constexpr double air_hu = -1000;
constexpr float opaque = 0.004F;  // what is left below a nearly opaque coat is not worth painting

/// Half-open range of voxel indices within a block.
struct Span {
  int first, last;
};

Span covered(double low, double high, double origin, double spacing, int count) {
  const double first = std::ceil((low - origin) / spacing), last = std::floor((high - origin) / spacing) + 1;
  return {static_cast<int>(std::clamp(first, 0.0, static_cast<double>(count))),
          static_cast<int>(std::clamp(last, 0.0, static_cast<double>(count)))};
}

/// Paints from the front to the back, so that hidden things cost nothing.
class Canvas {
 public:
  Canvas(const Acquisition& acquisition, const Block& block)
      : acquisition_(acquisition),
        block_(block),
        origin_(voxel_centre(acquisition, block.x, block.y, block.z)),
        hu_(block.size(), 0.0F),
        see_through_(block.size(), 1.0F) {
    const double blur = 2.56 * acquisition.psf_mm, pixel = acquisition.pixel_mm;
    blur_mm_ = std::sqrt(blur * blur + 0.4 * pixel * pixel);
  }

  void paint(const Layer& layer) {
    const double width = edge_width(layer);
    const double reach = 0.5 * width + 3 * layer.fringe_mm + (layer.fringe_mm > 0 || width > 0 ? 0.1 : 0);
    const Box box = layer.shape->bounds().grown(reach + 0.5 * acquisition_.slice_mm);
    const double pixel = acquisition_.pixel_mm;
    const Span xs = covered(box.low.x, box.high.x, origin_.x, pixel, block_.columns);
    const Span ys = covered(box.low.y, box.high.y, origin_.y, pixel, block_.rows);
    const Span zs = covered(box.low.z, box.high.z, origin_.z, acquisition_.slice_mm, block_.slices);
    for (int y = ys.first; y < ys.last; ++y) {
      for (int x = xs.first; x < xs.last; ++x) {
        if (layer.shape->upright()) {
          paint_column(layer, width, x, y, zs);
        } else {
          for (int z = zs.first; z < zs.last; ++z) paint_voxel(layer, width, x, y, z);
        }
      }
    }
  }

  std::vector<float> finish() {
    for (std::size_t i = 0; i < hu_.size(); ++i) hu_[i] += see_through_[i] * static_cast<float>(air_hu);
    return std::move(hu_);
  }

 private:
  /// Full width of the smooth step that has this edge's 10 to 90 % width.
  double edge_width(const Layer& layer) const {
    return std::sqrt(layer.edge_mm * layer.edge_mm + blur_mm_ * blur_mm_) / 0.608;
  }
  std::size_t index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(block_.rows) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(block_.columns) +
           static_cast<std::size_t>(x);
  }
  Vec3 place(int x, int y, int z) const {
    return {origin_.x + x * acquisition_.pixel_mm, origin_.y + y * acquisition_.pixel_mm,
            origin_.z + z * acquisition_.slice_mm};
  }

  void paint_column(const Layer& layer, double width, int x, int y, const Span& zs) {
    const double d = layer.shape->distance(place(x, y, 0));
    const double coverage = smooth_step(0.5 - d / width);
    if (coverage <= 0) return;
    for (int z = zs.first; z < zs.last; ++z) {
      if (see_through_[index(x, y, z)] > opaque) lay(layer, coverage, d, place(x, y, z), index(x, y, z));
    }
  }

  void paint_voxel(const Layer& layer, double width, int x, int y, int z) {
    const std::size_t at = index(x, y, z);
    if (see_through_[at] <= opaque) return;
    const Vec3 p = place(x, y, z);
    const double d = rendered_distance(layer, p);
    const double slice = acquisition_.slice_mm;
    double coverage = 0;
    if (std::abs(d) > 0.5 * (width + slice)) {
      if (d > 0) return;
      coverage = 1;
    } else {
      coverage = through_slice(layer, width, p);
    }
    if (coverage > 0) lay(layer, coverage, d, p, at);
  }

  /// Mean coverage over the thickness of the slice.
  double through_slice(const Layer& layer, double width, const Vec3& p) const {
    const int samples = acquisition_.slice_mm > 3.5 ? 4 : acquisition_.slice_mm > 1.8 ? 3 : 2;
    double sum = 0;
    for (int i = 0; i < samples; ++i) {
      const double dz = ((i + 0.5) / samples - 0.5) * acquisition_.slice_mm;
      sum += smooth_step(0.5 - rendered_distance(layer, {p.x, p.y, p.z + dz}) / width);
    }
    return sum / samples;
  }

  double rendered_distance(const Layer& layer, const Vec3& p) const {
    const double d = layer.shape->distance(p);
    return layer.fringe_mm > 0 ? d + layer.fringe_mm * std::clamp(layer.fringe_field(p), -3.0, 3.0) : d;
  }

  void lay(const Layer& layer, double coverage, double distance, const Vec3& p, std::size_t at) {
    const auto share = see_through_[at] * static_cast<float>(coverage);
    hu_[at] += share * static_cast<float>(layer.tissue->hu(p, distance));
    see_through_[at] *= static_cast<float>(1 - coverage);
  }

  const Acquisition& acquisition_;
  Block block_;
  Vec3 origin_;
  double blur_mm_ = 1;
  std::vector<float> hu_, see_through_;
};

/// Nearly normal: the sum of the four quarters of a mixed word.
float white(std::uint64_t seed, int x, int y, int z) {
  const auto key = (static_cast<std::uint64_t>(x + 4096) << 40) ^ (static_cast<std::uint64_t>(y + 4096) << 20) ^
                   static_cast<std::uint64_t>(z + 4096);
  const std::uint64_t bits = mix(seed ^ mix(key));
  const auto sum = static_cast<int>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
  return static_cast<float>(sum - 2 * 65535) * (1.0F / 37837.0F);
}

/// A three-point filter along one axis of a block, from a larger block into the next smaller one.
std::vector<float> filtered(const std::vector<float>& in, std::size_t count, std::size_t stride, float side) {
  const float middle = 1 / std::sqrt(1 + 2 * side * side);
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = middle * (in[i + stride] + side * (in[i] + in[i + 2 * stride]));
  }
  return out;
}

/// Noise of unit variance on the block's voxels, correlated with the neighbours as a reconstruction filter does it.
/// Computed line by line on a block that is one voxel larger on each side, ends cut off afterwards.
void add_noise(const Scene& scene, const Block& block, std::vector<float>& hu) {
  const auto& a = scene.acquisition;
  const auto grain = static_cast<float>(a.noise_grain);
  const float between_slices = a.slice_mm < 2.2 ? 0.3F : 0.0F;
  const auto columns = static_cast<std::size_t>(block.columns + 2), rows = static_cast<std::size_t>(block.rows + 2);
  const std::size_t plane = columns * rows;
  std::vector<float> noise(plane * static_cast<std::size_t>(block.slices + 2));
  std::size_t i = 0;
  for (int z = -1; z <= block.slices; ++z) {
    for (int y = -1; y <= block.rows; ++y) {
      for (int x = -1; x <= block.columns; ++x) noise[i++] = white(scene.seed, block.x + x, block.y + y, block.z + z);
    }
  }
  noise = filtered(noise, noise.size() - 2 * plane, plane, between_slices);
  noise = filtered(noise, noise.size() - 2 * columns, columns, grain);
  noise = filtered(noise, noise.size() - 2, 1, grain);
  // Voxel (x, y, z) of the block now lies where (x, y, z) of the larger block lay.
  std::size_t at = 0;
  for (int z = 0; z < block.slices; ++z) {
    for (int y = 0; y < block.rows; ++y) {
      const std::size_t line = static_cast<std::size_t>(z) * plane + static_cast<std::size_t>(y) * columns;
      for (int x = 0; x < block.columns; ++x, ++at) {
        hu[at] += static_cast<float>(a.noise_hu) * noise[line + static_cast<std::size_t>(x)];
      }
    }
  }
}

/// Streaks from side to side: noise that changes fast from front to back and slowly across.
void add_streaks(const Scene& scene, const Block& block, std::vector<float>& hu) {
  const auto& a = scene.acquisition;
  if (a.streak_hu == 0) return;
  const NoiseField field(scene.seed ^ 0x73747265616bULL, 1.6 * a.pixel_mm);
  std::size_t at = 0;
  for (int z = 0; z < block.slices; ++z) {
    for (int y = 0; y < block.rows; ++y) {
      for (int x = 0; x < block.columns; ++x, ++at) {
        const Vec3 p = voxel_centre(a, block.x + x, block.y + y, block.z + z);
        // Nothing of the kind in the air beside the body.
        if (hu[at] > -900) hu[at] += static_cast<float>(a.streak_hu * field({0.07 * p.x, p.y, 1.5 * p.z}));
      }
    }
  }
}

}  // namespace

Vec3 voxel_centre(const Acquisition& a, double x, double y, double z) {
  return a.centre + Vec3{(x - 0.5 * (a.columns - 1)) * a.pixel_mm, (y - 0.5 * (a.columns - 1)) * a.pixel_mm,
                         (z - 0.5 * (a.slices - 1)) * a.slice_mm};
}

std::vector<float> acquire(const Scene& scene, const Block& block) {
  Canvas canvas(scene.acquisition, block);
  for (auto layer = scene.layers.rbegin(); layer != scene.layers.rend(); ++layer) canvas.paint(*layer);
  auto hu = canvas.finish();
  add_streaks(scene, block, hu);
  add_noise(scene, block, hu);
  return hu;
}

}  // namespace punctum::phantom
