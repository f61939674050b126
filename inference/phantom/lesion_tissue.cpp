#include "inference/phantom/lesion_tissue.hpp"

namespace punctum::phantom {

LesionTissue::LesionTissue(const Traits& traits, const Survey& survey, const Look& look, Random& random)
    : grain_hu_(random.uniform(0, 3)), rim_hu_(look.rim_hu), grain_(random.bits(), 3.5) {
  if (traits.heterogeneous) {
    const double depth = survey.deepest_mm;
    const double least = std::max(25.0, 2 * look.noise_hu);
    mottle_hu_ = random.uniform(least, std::max(55.0, least + 10));
    mottle_ = NoiseField(random.bits(), std::clamp(0.45 * depth, 2.5, 8.0));
    if (depth > 5 && random.chance(0.6)) {
      core_hu_ = random.uniform(-70, -35);
      core_mm_ = depth * random.uniform(0.3, 0.5);
    }
    if (depth > 4.5 && random.chance(0.3)) {
      specks_hu_ = random.uniform(150, 300);
      speck_level_ = random.uniform(1.9, 2.3);
      specks_ = NoiseField(random.bits(), 2.2);
    }
  }
  double sum = 0;
  for (const auto& inner : survey.inside) sum += hu(inner.place, inner.distance);
  base_ = look.mean_hu - sum / static_cast<double>(survey.inside.size());
}

double LesionTissue::hu(const Vec3& p, double distance) const {
  double value = base_ + grain_hu_ * grain_(p);
  if (mottle_hu_ > 0) value += mottle_hu_ * std::clamp(mottle_(p), -2.0, 2.0);
  if (core_hu_ < 0) value += core_hu_ * smooth_step((-distance - core_mm_) / 2.5 + 0.5);
  if (specks_hu_ > 0) value += specks_hu_ * smooth_step((specks_(p) - speck_level_) / 0.3);
  if (rim_hu_ != 0) value += rim_hu_ * (1 - smooth_step((std::abs(distance + 0.6) - 0.6) / 0.6));
  return value;
}

double inner_deviation(const Tissue& tissue, const Survey& survey) {
  const double eroded_mm = survey.deepest_mm > 5 ? 2 : 1;
  double n = 0, sum = 0, squares = 0;
  for (const auto& inner : survey.inside) {
    if (inner.distance > -eroded_mm) continue;
    const double value = tissue.hu(inner.place, inner.distance);
    n += 1;
    sum += value;
    squares += value * value;
  }
  return n < 8 ? 0 : std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

bool tissue_agrees(const Traits& traits, const Tissue& tissue, const Survey& survey) {
  const double deviation = inner_deviation(tissue, survey);
  return traits.heterogeneous ? deviation >= 14 : deviation <= 4;
}

}  // namespace punctum::phantom
