#pragma once

#include "inference/phantom/lesion_form.hpp"

namespace punctum::phantom {

/// The inside of a lesion: even, or with a necrotic core, mottle and calcified specks; perhaps a rim.
class LesionTissue : public Tissue {
 public:
  /// What the tissue is to be like, beside its traits.
  struct Look {
    double mean_hu = 0;   ///< of the whole lesion, as measured over its inside
    double rim_hu = 0;    ///< height of a thin rim; 0: none
    double noise_hu = 0;  ///< that mottle must stand out from
  };
  LesionTissue(const Traits& traits, const Survey& survey, const Look& look, Random& random);
  double hu(const Vec3& p, double distance) const override;

 private:
  double base_ = 0, grain_hu_ = 0, mottle_hu_ = 0, core_hu_ = 0, core_mm_ = 0, specks_hu_ = 0, speck_level_ = 9,
         rim_hu_ = 0;
  NoiseField grain_, mottle_, specks_;
};

/// Standard deviation within the lesion, 2 mm (in small ones 1 mm) from its surface: what heterogeneity is judged by.
double inner_deviation(const Tissue& tissue, const Survey& survey);
bool tissue_agrees(const Traits& traits, const Tissue& tissue, const Survey& survey);

}  // namespace punctum::phantom
