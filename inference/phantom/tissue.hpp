#pragma once

#include <memory>

#include "inference/phantom/noise_field.hpp"
#include "inference/phantom/shapes.hpp"

namespace punctum::phantom {

class Random;

/// What a solid is filled with.
class Tissue {
 public:
  virtual ~Tissue() = default;
  /// @param distance of the place to the solid's surface (negative inside), mm.
  virtual double hu(const Vec3& p, double distance) const = 0;
};
using TissuePtr = std::shared_ptr<const Tissue>;

/// One value with the fine mottle of parenchyma.
class PlainTissue : public Tissue {
 public:
  PlainTissue(double hu, double texture_sd, std::uint64_t seed);
  double hu(const Vec3& p, double distance) const override;

 private:
  double hu_, texture_sd_;
  NoiseField coarse_, fine_;
};

/// Cortex over marrow.
class BoneTissue : public Tissue {
 public:
  BoneTissue(double cortex_hu, double marrow_hu, double cortex_mm, std::uint64_t seed);
  double hu(const Vec3& p, double distance) const override;

 private:
  double cortex_hu_, marrow_hu_, cortex_mm_;
  NoiseField trabeculae_;
};

/// One coat of paint: a solid, its filling, and how softly it ends.
struct Layer {
  ShapePtr shape;
  TissuePtr tissue;
  double edge_mm = 0;         ///< 10 to 90 % width of the edge itself, before the scanner blurs it
  double fringe_mm = 0;       ///< the rendered edge wanders by this much about the true surface
  NoiseField fringe_field{};  ///< how it wanders
};

}  // namespace punctum::phantom
