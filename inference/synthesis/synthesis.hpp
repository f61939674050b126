#pragma once

#include <memory>
#include <vector>

#include "inference/phantom/phantom.hpp"
#include "inference/synthesis/background.hpp"
#include "inference/synthesis/shape_library.hpp"

namespace punctum::synthesis {

/// Synthetic lesions in real CT. Same backgrounds, same library, same seed: same crop, on every machine. Any thread.
class LesionRenderer {
 public:
  /// @param backgrounds at least one. @param library may be empty: then all forms are drawn.
  /// @throws Error without a background.
  explicit LesionRenderer(std::vector<BackgroundPtr> backgrounds, ShapeLibrary library = {});

  /// One lesion; the centre of the crop is a place within it, as if the reader had clicked there. Labels that cannot be
  /// told for certain are -1. How long the lesion is goes by the spacing.
  PhantomSample crop(std::uint64_t seed, int size, double spacing_mm) const;

  /// A click into plain tissue: the truth is empty. Half of the time there is a rendered lesion 8 to 20 mm from the
  /// centre, which was not clicked; otherwise the centre lies on something normal: vessel, organ, border, bone, bowel.
  PhantomSample plain_crop(std::uint64_t seed, int size, double spacing_mm) const;

  /// A whole CT with one to three lesions, well apart, as a series of its own: its UIDs are derived from its
  /// pixels.
  PhantomCase scan(std::uint64_t seed) const;

 private:
  std::vector<BackgroundPtr> backgrounds_;
  ShapeLibrary library_;
};

}  // namespace punctum::synthesis
