#include "inference/phantom/tissue.hpp"

#include "inference/phantom/random.hpp"

namespace punctum::phantom {

PlainTissue::PlainTissue(double hu, double texture_sd, std::uint64_t seed)
    : hu_(hu), texture_sd_(texture_sd), coarse_(mix(seed), 9.0), fine_(mix(seed + 1), 3.1) {}

double PlainTissue::hu(const Vec3& p, double) const {
  if (texture_sd_ == 0) return hu_;
  return hu_ + texture_sd_ * (0.8 * coarse_(p) + 0.6 * fine_(p));
}

BoneTissue::BoneTissue(double cortex_hu, double marrow_hu, double cortex_mm, std::uint64_t seed)
    : cortex_hu_(cortex_hu), marrow_hu_(marrow_hu), cortex_mm_(cortex_mm), trabeculae_(mix(seed), 2.3) {}

double BoneTissue::hu(const Vec3& p, double distance) const {
  const double marrow = marrow_hu_ + 40 * trabeculae_(p);
  const double depth = smooth_step((-distance - cortex_mm_) / 1.5 + 0.5);
  return cortex_hu_ + (marrow - cortex_hu_) * depth;
}

}  // namespace punctum::phantom
