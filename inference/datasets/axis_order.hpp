#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "dicom/geometry/series_geometry.hpp"

namespace punctum {

/// How a file that is no DICOM series lays its voxels out: axis 0 is the fastest. LPS, mm.
struct VoxelAxes {
  std::array<int, 3> count{};
  std::array<double, 3> spacing_mm{};
  std::array<PatientVector, 3> direction{};  ///< unit vectors towards higher indices
  PatientPoint first_mm;                     ///< centre of voxel (0, 0, 0)
};

/// Names the axes anew, so that x, y and z run as nearly as they can to the patient's left, back and head, as an axial
/// CT series has them. Only order and direction change; the voxels stay where they are in the patient.
class AxisOrder {
 public:
  explicit AxisOrder(const VoxelAxes& axes);

  std::size_t size() const;
  /// @param name UIDs are derived from it. @throws GeometryError if the axes are not perpendicular.
  SeriesGeometry geometry(const std::string& name) const;

  /// Calls visit(to, from) for every voxel: index in a Volume, index in the file.
  template <class Visit>
  void for_each(const Visit& visit) const {
    std::size_t to = 0;
    for (std::ptrdiff_t z = 0; z < count_[2]; ++z) {
      for (std::ptrdiff_t y = 0; y < count_[1]; ++y) {
        std::ptrdiff_t from = start_ + z * stride_[2] + y * stride_[1];
        for (std::ptrdiff_t x = 0; x < count_[0]; ++x, ++to, from += stride_[0]) {
          visit(to, static_cast<std::size_t>(from));
        }
      }
    }
  }

 private:
  std::array<std::ptrdiff_t, 3> count_{};
  std::array<std::ptrdiff_t, 3> stride_{};  ///< in the file; negative where an axis was turned
  std::ptrdiff_t start_ = 0;                ///< where voxel (0, 0, 0) of the Volume lies in the file
  std::array<double, 3> spacing_mm_{};
  std::array<PatientVector, 3> direction_{};
  PatientPoint first_mm_;
};

}  // namespace punctum
