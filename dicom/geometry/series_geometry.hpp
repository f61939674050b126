#pragma once

#include <optional>
#include <vector>

#include "dicom/geometry/slice_plane.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

/// One image of a series with its place.
struct PlacedSlice {
  SopInstance instance;
  SlicePlane plane;
};

/// A stack of parallel slices as one regular grid. Valid by construction: same orientation, spacing and size in every
/// slice, uniform distance, ordered by position along the normal (ascending). Origin and axes give the affine
/// index -> LPS. The slice axis need not be parallel to the normal (gantry tilt): the affine keeps the shear.
class SeriesGeometry {
 public:
  /// @param slices any order. @throws GeometryError naming the slices if they do not form one regular grid.
  /// @param single_slice_thickness_mm slice spacing when there is only one image (Slice Thickness, else 1 mm).
  static SeriesGeometry from_slices(std::vector<PlacedSlice> slices, Uid frame_of_reference_uid,
                                    double single_slice_thickness_mm = 0);

  const Uid& frame_of_reference_uid() const { return frame_of_reference_uid_; }
  const std::vector<PlacedSlice>& slices() const { return slices_; }  ///< index z
  int columns() const { return slices_.front().plane.columns; }
  int rows() const { return slices_.front().plane.rows; }
  int slice_count() const { return static_cast<int>(slices_.size()); }
  double column_spacing_mm() const { return slices_.front().plane.column_spacing_mm; }
  double row_spacing_mm() const { return slices_.front().plane.row_spacing_mm; }
  double slice_spacing_mm() const { return slice_spacing_mm_; }   ///< along the normal; thickness for a single slice
  PatientVector slice_step_mm() const { return slice_step_mm_; }  ///< from one slice's first pixel to the next one's
  double voxel_volume_mm3() const { return column_spacing_mm() * row_spacing_mm() * slice_spacing_mm(); }

  PatientPoint to_patient(double x, double y, double z) const;  ///< centre-based index, may be fractional
  PatientPoint to_patient(const VoxelIndex& v) const { return to_patient(v.x, v.y, v.z); }
  struct FractionalIndex {
    double x = 0, y = 0, z = 0;
  };
  FractionalIndex to_index(const PatientPoint& point) const;  ///< inverse of to_patient
  bool contains(const VoxelIndex& v) const;
  std::optional<int> slice_of(const Uid& sop_instance_uid) const;

  /// The voxel under a point drawn on one slice: floor of the corner-based coordinates; the far edge belongs to the
  /// last voxel. @throws GeometryError outside the image or for an instance that is not part of the series.
  VoxelIndex voxel_under(const ImagePoint& point, const Uid& sop_instance_uid) const;

 private:
  SeriesGeometry(std::vector<PlacedSlice> slices, Uid frame_of_reference_uid, PatientVector step, double spacing);
  std::vector<PlacedSlice> slices_;
  Uid frame_of_reference_uid_;
  PatientVector slice_step_mm_;
  double slice_spacing_mm_;
};

}  // namespace punctum
