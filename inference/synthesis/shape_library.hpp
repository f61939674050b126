#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/measure/distance_transform.hpp"
#include "inference/phantom/random.hpp"
#include "inference/phantom/shapes.hpp"
#include "inference/synthesis/grid.hpp"

namespace punctum::synthesis {

/// The form of a real lesion, without its image.
struct ShapeMask {
  MaskGrid grid;
  std::vector<std::uint8_t> voxels;  ///< 0 or 1
  int shape = -1, surface = -1;      ///< labels given by people, index of label; -1: none
};

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
