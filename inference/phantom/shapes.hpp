#pragma once

#include <memory>
#include <vector>

#include "inference/phantom/noise_field.hpp"
#include "inference/phantom/space.hpp"

namespace punctum::phantom {

/// A solid described by its signed distance: mm to the surface, negative inside; exact enough near the surface.
class Shape {
 public:
  virtual ~Shape() = default;
  virtual double distance(const Vec3& p) const = 0;
  virtual Box bounds() const = 0;
  virtual bool upright() const { return false; }  ///< true: the distance does not depend on z
};
using ShapePtr = std::shared_ptr<const Shape>;

/// Bumps that displace a surface.
struct Roughness {
  double amplitude_mm = 0;
  NoiseField field;
};

class Ellipsoid : public Shape {
 public:
  Ellipsoid(const Vec3& centre, const Vec3& radii, const Frame& frame = {}, const Roughness& roughness = {});
  double distance(const Vec3& p) const override;
  Box bounds() const override;
  const Vec3& centre() const { return centre_; }
  const Vec3& radii() const { return radii_; }
  const Frame& frame() const { return frame_; }

 private:
  Vec3 centre_, radii_;
  Frame frame_;
  Roughness roughness_;
};

/// A piece of a tube whose radius changes linearly from one end to the other, with round ends.
class Capsule : public Shape {
 public:
  Capsule(const Vec3& from, const Vec3& to, double radius_from, double radius_to);
  double distance(const Vec3& p) const override;
  Box bounds() const override;

 private:
  Vec3 from_, along_;
  double radius_from_, radius_to_, inverse_length2_;
};

/// An upright elliptic cylinder without end: the body and its layers.
class EllipticColumn : public Shape {
 public:
  EllipticColumn(double radius_x, double radius_y) : radius_x_(radius_x), radius_y_(radius_y) {}
  double distance(const Vec3& p) const override;
  Box bounds() const override;
  bool upright() const override { return true; }

 private:
  double radius_x_, radius_y_;
};

/// Several balls grown together, with a rough surface.
class Lobes : public Shape {
 public:
  struct Ball {
    Vec3 centre;
    double radius;
  };
  Lobes(std::vector<Ball> balls, double blend_mm, const Roughness& coarse, const Roughness& fine);
  double distance(const Vec3& p) const override;
  Box bounds() const override;

 private:
  std::vector<Ball> balls_;
  double blend_mm_;
  Roughness coarse_, fine_;
};

/// A solid with thin rays that grow out of it.
class Spiculated : public Shape {
 public:
  Spiculated(ShapePtr core, std::vector<Capsule> rays, double blend_mm)
      : core_(std::move(core)), rays_(std::move(rays)), blend_mm_(blend_mm) {}
  double distance(const Vec3& p) const override;
  Box bounds() const override;

 private:
  ShapePtr core_;
  std::vector<Capsule> rays_;
  double blend_mm_;
};

/// What is in the first but not in the second.
class Difference : public Shape {
 public:
  Difference(ShapePtr solid, ShapePtr hole) : solid_(std::move(solid)), hole_(std::move(hole)) {}
  double distance(const Vec3& p) const override { return std::max(solid_->distance(p), -hole_->distance(p)); }
  Box bounds() const override { return solid_->bounds(); }

 private:
  ShapePtr solid_, hole_;
};

/// A solid carried to another place.
class Moved : public Shape {
 public:
  Moved(ShapePtr solid, const Vec3& by) : solid_(std::move(solid)), by_(by) {}
  double distance(const Vec3& p) const override { return solid_->distance(p - by_); }
  Box bounds() const override {
    const Box box = solid_->bounds();
    return {box.low + by_, box.high + by_};
  }

 private:
  ShapePtr solid_;
  Vec3 by_;
};

/// A solid made thicker (or, negative, thinner) all round.
class Offset : public Shape {
 public:
  Offset(ShapePtr solid, double mm) : solid_(std::move(solid)), mm_(mm) {}
  double distance(const Vec3& p) const override { return solid_->distance(p) - mm_; }
  Box bounds() const override { return solid_->bounds().grown(mm_); }

 private:
  ShapePtr solid_;
  double mm_;
};

}  // namespace punctum::phantom
