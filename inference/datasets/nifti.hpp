#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "dicom/geometry/volume.hpp"

namespace punctum {

/// An image of labels on its own grid, e.g. 0 background, 1 kidney, 2 tumour.
struct LabelImage {
  SeriesGeometry geometry;
  std::vector<std::uint8_t> labels;  ///< same layout as Volume::hu
};

/// Reads a NIfTI image of HU (.nii, .nii.gz), with the file's scaling applied. NIfTI places voxels in RAS and in any
/// order of axes; the volume comes in LPS, its axes reordered and turned so that x runs most nearly to the left, y to
/// the back, z to the head: no voxel is resampled. Its UIDs name nothing outside this process.
/// @throws StorageError if the file cannot be read as one 3-D image, GeometryError if its axes are not perpendicular.
Volume read_nifti_volume(const std::filesystem::path& file);

/// The same for labels. @throws StorageError also if a value is no whole number from 0 to 255.
LabelImage read_nifti_labels(const std::filesystem::path& file);

}  // namespace punctum
