#pragma once

#include <algorithm>
#include <cmath>

namespace punctum::phantom {

/// A place or direction in the scene, mm: x to the left, y to the back, z to the head, origin amid the body.
struct Vec3 {
  double x = 0, y = 0, z = 0;
};

inline Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(const Vec3& a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline double dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(const Vec3& a) { return std::sqrt(dot(a, a)); }
inline Vec3 unit(const Vec3& a) {
  const double n = length(a);
  return n > 0 ? a * (1 / n) : Vec3{0, 0, 1};
}

/// Rises smoothly from 0 at t <= 0 to 1 at t >= 1.
inline double smooth_step(double t) {
  const double c = std::clamp(t, 0.0, 1.0);
  return c * c * (3 - 2 * c);
}

struct Box {
  Vec3 low, high;
  Box grown(double mm) const { return {low - Vec3{mm, mm, mm}, high + Vec3{mm, mm, mm}}; }
  bool overlaps(const Box& o) const {
    return low.x <= o.high.x && o.low.x <= high.x && low.y <= o.high.y && o.low.y <= high.y && low.z <= o.high.z &&
           o.low.z <= high.z;
  }
};

/// Three orthogonal unit vectors.
struct Frame {
  Vec3 u{1, 0, 0}, v{0, 1, 0}, w{0, 0, 1};
  Vec3 to_local(const Vec3& p) const { return {dot(p, u), dot(p, v), dot(p, w)}; }
  Vec3 to_scene(const Vec3& p) const { return u * p.x + v * p.y + w * p.z; }
};

/// The frame whose w points along the axis.
inline Frame frame_along(const Vec3& axis) {
  const Vec3 w = unit(axis);
  const Vec3 side = std::abs(w.x) < 0.8 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
  const Vec3 u = unit(cross(side, w));
  return {u, cross(w, u), w};
}

}  // namespace punctum::phantom
