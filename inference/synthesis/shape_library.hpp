#pragma once

#include <vector>

#include "inference/phantom/random.hpp"
#include "inference/phantom/shapes.hpp"
#include "inference/synthesis/grid.hpp"
#include "inference/synthesis/shape_mask.hpp"

namespace punctum::synthesis {

/// Forms of real lesions, ready to be rendered: turned at random and made larger or smaller.
class ShapeLibrary {
 public:
  ShapeLibrary() = default;
  explicit ShapeLibrary(const std::vector<ShapeMask>& masks);

  bool empty() const { return forms_.empty(); }
  std::size_t size() const { return forms_.size(); }

  struct Drawn {
    phantom::ShapePtr solid;  ///< about the origin
    int shape = -1, surface = -1;
  };
  /// @param diameter_mm wished; a small mask is not blown up to more than 2.5 times its size.
  Drawn draw(double diameter_mm, phantom::Random& random) const;

 private:
  struct Form {
    Grid<std::uint8_t> mask;  ///< about the origin, with a margin
    double extent_mm;
    int shape, surface;
  };
  std::vector<Form> forms_;
};

}  // namespace punctum::synthesis
