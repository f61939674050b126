#pragma once

namespace punctum {

/// Name of the fixed rule from HU to the network's input, as the manifest records it. A rule that depends on the
/// crop's content would make one lesion look different beside another neighbour.
inline constexpr const char* hu_rule_name = "clip(hu,-1000,1000)/500; (clip(hu,-160,240)-40)/200";

/// SAM-Med3D's rule, which does depend on it; for weights that were trained with it, and for no others.
inline constexpr const char* sammed3d_hu_rule_name = "clip(hu,-1000,1000); (hu-mean)/sd of voxels > 0";

}  // namespace punctum
