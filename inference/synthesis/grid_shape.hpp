#pragma once

#include "inference/phantom/shapes.hpp"
#include "inference/synthesis/grid.hpp"

namespace punctum::synthesis {

/// A solid whose signed distance is known on a grid.
class GridShape : public phantom::Shape {
 public:
  explicit GridShape(Grid<float> distance) : distance_(std::move(distance)) {}
  double distance(const Vec3& p) const override;
  Box bounds() const override { return {distance_.first, distance_.last()}; }

 private:
  Grid<float> distance_;
};

/// A solid turned about the origin and made larger or smaller.
class Turned : public phantom::Shape {
 public:
  Turned(phantom::ShapePtr solid, const phantom::Frame& frame, double scale)
      : solid_(std::move(solid)), frame_(frame), scale_(scale) {}
  double distance(const Vec3& p) const override { return scale_ * solid_->distance(frame_.to_local(p) * (1 / scale_)); }
  Box bounds() const override;

 private:
  phantom::ShapePtr solid_;
  phantom::Frame frame_;
  double scale_;
};

/// What lies in both.
class Intersection : public phantom::Shape {
 public:
  Intersection(phantom::ShapePtr a, phantom::ShapePtr b) : a_(std::move(a)), b_(std::move(b)) {}
  double distance(const Vec3& p) const override { return std::max(a_->distance(p), b_->distance(p)); }
  Box bounds() const override { return a_->bounds(); }

 private:
  phantom::ShapePtr a_, b_;
};

}  // namespace punctum::synthesis
