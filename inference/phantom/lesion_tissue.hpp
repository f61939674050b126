#pragma once

#include "inference/phantom/lesion_form.hpp"

namespace punctum::phantom {

/// The inside of a lesion: even, or with a necrotic core, mottle and calcified specks; perhaps a rim.
class LesionTissue : public Tissue {
 public:
  /// @param mean_hu of the whole lesion, as measured over its inside. @param rim_hu height of a thin rim; 0: none.
  LesionTissue(const Traits& traits, const Survey& survey, double mean_hu, double rim_hu, Random& random);
  double hu(const Vec3& p, double distance) const override;

 private:
  double base_ = 0, grain_hu_ = 0, mottle_hu_ = 0, core_hu_ = 0, core_mm_ = 0, specks_hu_ = 0, speck_level_ = 9, rim_hu_ = 0;
  NoiseField grain_, mottle_, specks_;
};

/// Standard deviation within the lesion beyond 1 mm from its surface: what heterogeneity is judged by.
double inner_deviation(const Tissue& tissue, const Survey& survey);
bool tissue_agrees(const Traits& traits, const Tissue& tissue, const Survey& survey);

}  // namespace punctum::phantom
