#include "inference/phantom/lesion_form.hpp"

#include <numbers>

#include "inference/phantom/exact_math.hpp"

namespace punctum::phantom {
namespace {

Vec3 any_direction(Random& random) {
  const double z = random.uniform(-1, 1), angle = random.uniform(0, 2 * std::numbers::pi);
  const double r = std::sqrt(1 - z * z);
  return {r * exact::cos(angle), r * exact::sin(angle), z};
}

ShapePtr draw_round(double radius, double stretch, Random& random) {
  const Vec3 radii{radius * random.uniform(1 / stretch, stretch), radius * random.uniform(1 / stretch, stretch),
                   radius};
  return std::make_shared<Ellipsoid>(Vec3{}, radii, frame_along(any_direction(random)),
                                     Roughness{random.uniform(0.01, 0.035) * radius, {random.bits(), radius}});
}

ShapePtr draw_irregular(double radius, Random& random) {
  std::vector<Lobes::Ball> balls{{{}, radius * random.uniform(0.5, 0.65)}};
  const int lobes = random.between(2, 5);
  for (int i = 0; i < lobes; ++i) {
    const double r = radius * random.uniform(0.28, 0.48);
    balls.push_back({any_direction(random) * (radius * random.uniform(0.5, 0.75)), r});
  }
  return std::make_shared<Lobes>(std::move(balls), 0.2 * radius,
                                 Roughness{radius * random.uniform(0.08, 0.15), {random.bits(), 0.5 * radius}},
                                 Roughness{radius * random.uniform(0.03, 0.08), {random.bits(), 0.27 * radius}});
}

/// A body with rays into its surroundings, as scars and some tumours of lung and breast have them.
ShapePtr draw_spiculated(double radius, Random& random) {
  const double body = radius * random.uniform(0.6, 0.72);
  const auto core =
      std::make_shared<Lobes>(std::vector<Lobes::Ball>{{{}, body}, {any_direction(random) * (0.5 * body), 0.7 * body}},
                              0.3 * body, Roughness{body * random.uniform(0.08, 0.16), {random.bits(), 0.5 * body}},
                              Roughness{body * random.uniform(0.03, 0.08), {random.bits(), 0.27 * body}});
  std::vector<Capsule> rays;
  for (int i = random.between(6, 14); i > 0; --i) {
    const Vec3 out = any_direction(random);
    const double foot = std::clamp(random.uniform(0.1, 0.2) * radius, 0.9, 2.6);
    rays.emplace_back(out * (0.7 * body), out * (radius * random.uniform(0.85, 1.25)), foot, 0.4 * foot);
  }
  return std::make_shared<Spiculated>(core, std::move(rays), 0.12 * radius);
}

/// How much of the thickening there is at a place of the wall: 1 in its middle, 0 beyond its edge.
struct Sector {
  double middle_x = 1, middle_y = 0;  ///< direction around the axis
  double half_angle = 1, half_length_mm = 10, radius_mm = 10, taper_mm = 6;

  /// mm beyond the sector's edge, negative inside
  double beyond(const Vec3& p) const {
    const double r = std::sqrt(p.x * p.x + p.y * p.y);
    const double angle = r > 1e-6 ? exact::acos((p.x * middle_x + p.y * middle_y) / r) : 0;
    const double around = half_angle >= std::numbers::pi ? -1e3 : (angle - half_angle) * radius_mm;
    return std::max(around, std::abs(p.z) - half_length_mm);
  }
  double share(const Vec3& p) const { return smooth_step(-beyond(p) / taper_mm); }
};

struct WallPlan {
  Ellipsoid lumen;  ///< of the healthy organ
  Sector sector;
  double wall_mm, growth_mm, inward;  ///< growth beyond the normal wall; the part of it that narrows the lumen
  NoiseField bumps;

  double growth(const Vec3& p) const {
    const double local = std::clamp(1 + 0.22 * bumps(p), 0.4, 1.6);
    return growth_mm * local * sector.share(lumen.frame().to_local(p));
  }
};

class NarrowedLumen : public Shape {
 public:
  explicit NarrowedLumen(std::shared_ptr<const WallPlan> plan) : plan_(std::move(plan)) {}
  double distance(const Vec3& p) const override { return plan_->lumen.distance(p) + plan_->inward * plan_->growth(p); }
  Box bounds() const override { return plan_->lumen.bounds(); }

 private:
  std::shared_ptr<const WallPlan> plan_;
};

class Thickening : public Shape {
 public:
  explicit Thickening(std::shared_ptr<const WallPlan> plan) : plan_(std::move(plan)) {}
  double distance(const Vec3& p) const override {
    const double d = plan_->lumen.distance(p), growth = plan_->growth(p);
    const double inner = -(d + plan_->inward * growth);
    const double outer = d - plan_->wall_mm - (1 - plan_->inward) * growth;
    const double edge = plan_->sector.beyond(plan_->lumen.frame().to_local(p)) + 0.35 * plan_->sector.taper_mm;
    return std::max({inner, outer, edge});
  }
  Box bounds() const override { return plan_->lumen.bounds().grown(plan_->wall_mm + 1.7 * plan_->growth_mm); }

 private:
  std::shared_ptr<const WallPlan> plan_;
};

LesionForm draw_wall(double extent, Random& random) {
  const double thickness = std::clamp(extent * random.uniform(0.14, 0.26), 6.0, 20.0);
  const double wall = random.uniform(2, 4);
  const double growth = thickness - wall, inward = random.uniform(0, 0.6);
  const bool ring = random.chance(0.3);
  const double radius = ring ? extent * random.uniform(0.28, 0.36) : extent * random.uniform(0.35, 0.8);
  const double half_angle = ring ? 4 : std::clamp(extent / (2 * (radius + 0.5 * thickness)), 0.5, 3.0);
  const double half_length = 0.5 * extent * (ring ? random.uniform(0.5, 0.9) : random.uniform(0.8, 1.0));
  const double around = random.uniform(0, 2 * std::numbers::pi);
  const Vec3 axis =
      random.chance(0.5) ? Vec3{random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4), 1} : any_direction(random);
  const Vec3 radii{radius, radius * random.uniform(0.85, 1.15), std::max(1.25 * half_length + 8, 1.3 * radius)};
  const auto plan = std::make_shared<const WallPlan>(
      WallPlan{Ellipsoid({}, radii, frame_along(axis), Roughness{0.03 * radius, {random.bits(), radius}}),
               Sector{exact::cos(around), exact::sin(around), half_angle, half_length, radius, random.uniform(4, 8)},
               wall, growth, inward, NoiseField(random.bits(), 0.4 * extent)});
  LesionForm form;
  form.shape = std::make_shared<Thickening>(plan);
  form.organ = HollowOrgan{std::make_shared<NarrowedLumen>(plan),
                           std::make_shared<Offset>(std::make_shared<Ellipsoid>(plan->lumen), wall), wall};
  form.outward = plan->lumen.frame().to_scene({plan->sector.middle_x, plan->sector.middle_y, 0});
  form.thickness_mm = thickness;
  return form;
}

}  // namespace

double Survey::sphericity() const {
  if (area_mm2 <= 0) return 0;
  const double root = exact::cube_root(6 * volume_mm3);
  return exact::cube_root(std::numbers::pi) * root * root / area_mm2;
}

LesionForm draw_form(const Traits& traits, Random& random) {
  const double radius = 0.5 * traits.diameter_mm;
  switch (traits.shape) {
    case ShapeKind::round:
      return {draw_round(radius, 1.12, random), {}, {}, 0};
    case ShapeKind::irregular: {
      const bool rays = radius < 20 && random.chance(0.22);
      return {rays ? draw_spiculated(radius, random) : draw_irregular(radius, random), {}, {}, 0};
    }
    case ShapeKind::wall:
      return draw_wall(traits.diameter_mm, random);
    case ShapeKind::punctate:
      return {draw_round(radius, 1.08, random), {}, {}, 0};
  }
  return {};
}

Survey survey(const Shape& shape) {
  constexpr int most_steps = 36;
  Survey found;
  const Box box = shape.bounds();
  const Vec3 side = box.high - box.low;
  const double step = std::max({side.x, side.y, side.z}) / most_steps;
  found.step_mm = step;
  Box tight{{1e9, 1e9, 1e9}, {-1e9, -1e9, -1e9}};
  for (double z = box.low.z + 0.5 * step; z < box.high.z; z += step) {
    for (double y = box.low.y + 0.5 * step; y < box.high.y; y += step) {
      for (double x = box.low.x + 0.5 * step; x < box.high.x; x += step) {
        const Vec3 p{x, y, z};
        const double d = shape.distance(p);
        if (d > 1.5 * step) continue;
        if (std::abs(d) < 1.5 * step) {
          // The area is the integral of a smoothed delta function of the distance times the gradient's length.
          const Vec3 gradient{(shape.distance({x + 0.3, y, z}) - d) / 0.3, (shape.distance({x, y + 0.3, z}) - d) / 0.3,
                              (shape.distance({x, y, z + 0.3}) - d) / 0.3};
          const double t = std::abs(d) / (1.5 * step);
          found.area_mm2 += (1 - t) / (1.5 * step) * length(gradient) * step * step * step;
        }
        if (std::abs(d) < 0.5 * step) found.surface.push_back(p);
        if (d >= 0) continue;
        found.inside.push_back({p, d});
        tight.low = {std::min(tight.low.x, x), std::min(tight.low.y, y), std::min(tight.low.z, z)};
        tight.high = {std::max(tight.high.x, x), std::max(tight.high.y, y), std::max(tight.high.z, z)};
        if (-d > found.deepest_mm) {
          found.deepest_mm = -d;
          found.deepest = p;
        }
      }
    }
  }
  found.volume_mm3 = static_cast<double>(found.inside.size()) * step * step * step;
  if (!found.inside.empty()) {
    const Vec3 extent = tight.high - tight.low;
    found.extent_mm = std::max({extent.x, extent.y, extent.z}) + step;
  }
  return found;
}

bool form_agrees(const Traits& traits, const LesionForm& form, const Survey& survey) {
  if (survey.inside.size() < 100 || survey.surface.empty()) return false;
  switch (traits.shape) {
    case ShapeKind::round:
    case ShapeKind::punctate:
      return survey.sphericity() >= 0.85;
    case ShapeKind::irregular:
      return survey.sphericity() <= 0.75;
    case ShapeKind::wall:
      return form.thickness_mm / survey.extent_mm < 0.35;
  }
  return false;
}

}  // namespace punctum::phantom
