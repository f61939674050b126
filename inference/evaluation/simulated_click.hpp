#pragma once

#include <optional>
#include <random>

#include "inference/evaluation/mask_pair.hpp"
#include "inference/segmenter.hpp"

namespace punctum {

/// How a reader who knows the truth would click (reference/model.md, section 6).
enum class ClickPolicy {
  deepest,   ///< first the deepest voxel of the lesion, then that of the largest error: careful, always the same
  jittered,  ///< first any voxel of the lesion's core, then as above: no one hits the middle exactly
  random,    ///< any voxel of the lesion, then any wrong one: as networks of this kind are trained
};

/// @param punctate a lesion so small that its core says nothing: jitter is a voxel along each axis, within the lesion.
/// The core of other lesions: voxels at least half as deep as the deepest one.
/// @return nothing for an empty truth.
std::optional<VoxelClick> first_click(const LesionMask& truth, ClickPolicy policy, bool punctate,
                                      std::mt19937_64& random);
/// Positive on what is missing, negative on what is too much; parts are connected over faces.
/// @return nothing if the masks are equal.
std::optional<VoxelClick> next_click(const MaskPair& pair, ClickPolicy policy, std::mt19937_64& random);

/// The careful reader's.
std::optional<VoxelClick> first_click(const LesionMask& truth);
std::optional<VoxelClick> correcting_click(const LesionMask& truth, const LesionMask& predicted);

}  // namespace punctum
