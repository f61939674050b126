#include "inference/phantom/shapes.hpp"

namespace punctum::phantom {
namespace {

constexpr double endless_mm = 1e6;
constexpr double widest_bump = 3;  // in deviations: how far roughness may reach beyond the smooth surface

double bump(const Roughness& roughness, const Vec3& p) {
  if (roughness.amplitude_mm == 0) return 0;
  return roughness.amplitude_mm * std::clamp(roughness.field(p), -widest_bump, widest_bump);
}

/// The distance to two solids grown together.
double blended(double a, double b, double blend_mm) {
  const double near = std::max(blend_mm - std::abs(a - b), 0.0);
  return std::min(a, b) - near * near / (4 * blend_mm);
}

Box joined(const Box& a, const Box& b) {
  return {{std::min(a.low.x, b.low.x), std::min(a.low.y, b.low.y), std::min(a.low.z, b.low.z)},
          {std::max(a.high.x, b.high.x), std::max(a.high.y, b.high.y), std::max(a.high.z, b.high.z)}};
}

/// The usual first-order distance to an ellipsoid: exact on the surface, of the right sign everywhere.
double ellipsoid_distance(const Vec3& p, const Vec3& r) {
  const Vec3 q{p.x / r.x, p.y / r.y, p.z / r.z};
  const double k0 = length(q);
  const double k1 = length({q.x / r.x, q.y / r.y, q.z / r.z});
  if (k1 < 1e-9) return -std::min({r.x, r.y, r.z});
  return k0 * (k0 - 1) / k1;
}

}  // namespace

Ellipsoid::Ellipsoid(const Vec3& centre, const Vec3& radii, const Frame& frame, const Roughness& roughness)
    : centre_(centre), radii_(radii), frame_(frame), roughness_(roughness) {}

double Ellipsoid::distance(const Vec3& p) const {
  return ellipsoid_distance(frame_.to_local(p - centre_), radii_) + bump(roughness_, p);
}

Box Ellipsoid::bounds() const {
  const double reach = widest_bump * roughness_.amplitude_mm;
  const auto half = [&](double a, double b, double c) {
    return std::sqrt(a * a * radii_.x * radii_.x + b * b * radii_.y * radii_.y + c * c * radii_.z * radii_.z) + reach;
  };
  const Vec3 h{half(frame_.u.x, frame_.v.x, frame_.w.x), half(frame_.u.y, frame_.v.y, frame_.w.y),
               half(frame_.u.z, frame_.v.z, frame_.w.z)};
  return {centre_ - h, centre_ + h};
}

Capsule::Capsule(const Vec3& from, const Vec3& to, double radius_from, double radius_to)
    : from_(from),
      along_(to - from),
      radius_from_(radius_from),
      radius_to_(radius_to),
      inverse_length2_(1 / std::max(1e-9, dot(along_, along_))) {}

double Capsule::distance(const Vec3& p) const {
  const Vec3 d = p - from_;
  const double t = std::clamp(dot(d, along_) * inverse_length2_, 0.0, 1.0);
  return length(d - along_ * t) - (radius_from_ + (radius_to_ - radius_from_) * t);
}

Box Capsule::bounds() const {
  const Vec3 to = from_ + along_;
  const Box box{{std::min(from_.x, to.x), std::min(from_.y, to.y), std::min(from_.z, to.z)},
                {std::max(from_.x, to.x), std::max(from_.y, to.y), std::max(from_.z, to.z)}};
  return box.grown(std::max(radius_from_, radius_to_));
}

double EllipticColumn::distance(const Vec3& p) const {
  const double qx = p.x / radius_x_, qy = p.y / radius_y_;
  const double k0 = std::sqrt(qx * qx + qy * qy);
  const double k1 = std::sqrt(qx * qx / (radius_x_ * radius_x_) + qy * qy / (radius_y_ * radius_y_));
  return k1 < 1e-9 ? -std::min(radius_x_, radius_y_) : k0 * (k0 - 1) / k1;
}

Box EllipticColumn::bounds() const {
  return {{-radius_x_, -radius_y_, -endless_mm}, {radius_x_, radius_y_, endless_mm}};
}

Lobes::Lobes(std::vector<Ball> balls, double blend_mm, const Roughness& coarse, const Roughness& fine)
    : balls_(std::move(balls)), blend_mm_(blend_mm), coarse_(coarse), fine_(fine) {}

double Lobes::distance(const Vec3& p) const {
  double d = 1e9;
  for (const auto& ball : balls_) d = blended(d, length(p - ball.centre) - ball.radius, blend_mm_);
  return d + bump(coarse_, p) + bump(fine_, p);
}

Box Lobes::bounds() const {
  Box box{{1e9, 1e9, 1e9}, {-1e9, -1e9, -1e9}};
  for (const auto& b : balls_) {
    box.low = {std::min(box.low.x, b.centre.x - b.radius), std::min(box.low.y, b.centre.y - b.radius),
               std::min(box.low.z, b.centre.z - b.radius)};
    box.high = {std::max(box.high.x, b.centre.x + b.radius), std::max(box.high.y, b.centre.y + b.radius),
                std::max(box.high.z, b.centre.z + b.radius)};
  }
  return box.grown(widest_bump * (coarse_.amplitude_mm + fine_.amplitude_mm) + 0.5 * blend_mm_);
}

double Spiculated::distance(const Vec3& p) const {
  double d = core_->distance(p);
  for (const auto& ray : rays_) d = blended(d, ray.distance(p), blend_mm_);
  return d;
}

Box Spiculated::bounds() const {
  Box box = core_->bounds();
  for (const auto& ray : rays_) box = joined(box, ray.bounds());
  return box;
}

}  // namespace punctum::phantom
