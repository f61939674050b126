#pragma once

#include "inference/phantom/lesion_form.hpp"
#include "inference/synthesis/background.hpp"

namespace punctum::synthesis {

/// How a lesion lies to what its host tissue does not hold: measured on the real CT before anything is rendered.
struct Contact {
  double nearest_mm = 0;  ///< from the surface to the nearest other structure
  double share = 0;       ///< part of the surface that touches other structures or lies in them
  double within = 0;      ///< part of the inside that lies in other structures
  static constexpr double free_mm = 6, least_share = 0.15;
  /// Label of Attribute::invasion; -1 between the two.
  int invasion() const { return share >= least_share ? 1 : nearest_mm >= free_mm ? 0 : -1; }
};

/// Smoothed real CT about one place, told apart into host tissue and everything else.
class Surroundings {
 public:
  /// @param centre in the host tissue. @param box of the lesion.
  Surroundings(const Background& background, const Vec3& centre, const Box& box);

  TissueClass host() const { return host_; }
  double host_hu() const { return host_hu_; }
  Contact contact(const phantom::Survey& placed) const;
  /// The host tissue as a solid, as far as the box goes: what a lesion that respects its borders is confined to.
  phantom::ShapePtr host_solid() const;
  double mean_hu(const phantom::Survey& placed) const;  ///< of the real tissue that the lesion takes the place of
  /// Of host tissue 3 to 9 mm from the lesion. NaN if there is none.
  double ring_hu(const phantom::Shape& lesion) const;

 private:
  Grid<float> calm_;
  Grid<float> to_other_;  ///< mm to other structures, negative in them
  TissueClass host_;
  double host_hu_;
};

/// How far smoothed HU may be from a host tissue's and still belong to it.
double tolerance_hu(TissueClass host, const NoiseLook& noise);

}  // namespace punctum::synthesis
