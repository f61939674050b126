#pragma once

#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "inference/preprocess/crop.hpp"

namespace punctum {

/// The network's answer back on the series' grid: a voxel is lesion where the logits, interpolated trilinearly at its
/// centre, are above 0. Outside the crop nothing is.
LesionMask mask_on_source(const SeriesGeometry& geometry, const CropGrid& crop, const std::vector<float>& logits);

/// The logit at a place, interpolated trilinearly; -1 outside of the crop. Where it is above 0, `mask_on_source` marks.
float logit_at(const std::vector<float>& logits, const CropGrid& crop, const PatientPoint& place);

/// Logits at the places of another crop's voxels, interpolated trilinearly; -1 outside of the crop that they are from.
std::vector<float> resampled(const std::vector<float>& logits, const CropGrid& from, const CropGrid& to);

/// Replaces what a mask says within a finer crop, `margin` voxels or more from its faces, by that crop's answer.
void put_finer_answer(LesionMask& mask, const CropGrid& crop, const std::vector<float>& logits, double margin);

/// Keeps the parts (6-connected) that hold a positive click; where a click lies in none, the part nearest to it within
/// `reach_mm`. Voxels within `clear_mm` of a negative click are cleared first, so that it lies outside whatever
/// remains, but for those that are nearer to a positive click.
void keep_clicked_parts(LesionMask& mask, const std::vector<VoxelIndex>& positive,
                        const std::vector<VoxelIndex>& negative, double reach_mm = 6, double clear_mm = 1.5);

/// Whether the marked part (logits > 0, 6-connected) at any of the clicked places, or all that is marked where none of
/// them is, lies in another crop, at least `margin` of its voxels from its faces. Nothing lies nowhere.
bool lies_within(const std::vector<float>& logits, const CropGrid& crop, const std::vector<PatientPoint>& clicked,
                 const CropGrid& inner, double margin);

/// Whether the part of the crop's mask (logits > 0) that holds the place, or any of it if none does, comes closer than
/// `margin` voxels to a face of the crop: then the lesion goes on outside.
bool reaches_border(const std::vector<float>& logits, const CropGrid& crop, int margin = 1);

}  // namespace punctum
