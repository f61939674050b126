#pragma once

#include <filesystem>
#include <vector>

#include "inference/synthesis/shape_mask.hpp"

namespace punctum {

/// Forms of real lesions: a pack (one file, `.shapes`), or a folder with label images of one lesion each, any label but
/// 0 being the lesion: `.nii`, `.nii.gz`, or `.zip` with one of those in it, also in folders below. In the order of
/// their paths; images without a lesion are passed over.
/// @throws StorageError if a file cannot be read.
std::vector<synthesis::ShapeMask> read_shapes(const std::filesystem::path& file_or_folder);

/// Writes a pack: what is cut out of label images, a bit a voxel, compressed. Reading it takes a hundredth of the time.
/// @throws StorageError
void write_shape_pack(const std::filesystem::path& file, const std::vector<synthesis::ShapeMask>& shapes);

}  // namespace punctum
