#include "inference/synthesis/phantom_background.hpp"

namespace punctum::synthesis {

BackgroundPtr phantom_background(const PhantomCase& phantom) {
  std::vector<LesionMask> lesions;
  for (const auto& lesion : phantom.lesions) lesions.push_back(lesion.mask);
  return std::make_shared<const Background>(phantom.volume, phantom.body_part, lesions);
}

PhantomCase phantom_with_forms(std::uint64_t seed, const ShapeLibrary& library) {
  auto phantom = phantom_case(seed);
  auto made = LesionRenderer({phantom_background(phantom)}, library).scan(seed);
  for (auto& own : phantom.lesions) {
    own.mask.geometry = made.volume.geometry;  // the same planes under the names of the new series
    made.lesions.push_back(std::move(own));
  }
  return made;
}

}  // namespace punctum::synthesis
