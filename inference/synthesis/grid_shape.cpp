#include "inference/synthesis/grid_shape.hpp"

namespace punctum::synthesis {

double GridShape::distance(const Vec3& p) const {
  const Vec3 low = distance_.first, high = distance_.last();
  const Vec3 held{std::clamp(p.x, low.x, high.x), std::clamp(p.y, low.y, high.y), std::clamp(p.z, low.z, high.z)};
  return distance_.at(held) + length(p - held);
}

Box Turned::bounds() const {
  const Box box = solid_->bounds();
  Box turned{{1e9, 1e9, 1e9}, {-1e9, -1e9, -1e9}};
  for (int corner = 0; corner < 8; ++corner) {
    const Vec3 local{(corner & 1) != 0 ? box.high.x : box.low.x, (corner & 2) != 0 ? box.high.y : box.low.y,
                     (corner & 4) != 0 ? box.high.z : box.low.z};
    const Vec3 p = frame_.to_scene(local) * scale_;
    turned.low = {std::min(turned.low.x, p.x), std::min(turned.low.y, p.y), std::min(turned.low.z, p.z)};
    turned.high = {std::max(turned.high.x, p.x), std::max(turned.high.y, p.y), std::max(turned.high.z, p.z)};
  }
  return turned;
}

}  // namespace punctum::synthesis
