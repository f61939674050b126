#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/modules/result_identity.hpp"
#include "dicom/modules/source_series.hpp"
#include "tests/support/ct_slice_builder.hpp"

/// What the tests of derived objects (SEG, SR) share.
namespace punctum::test {

inline SeriesGeometry geometry_of(const std::vector<TestSlice>& slices) {
  std::vector<PlacedSlice> placed;
  for (const auto& slice : slices) placed.push_back({slice.name(), slice.plane()});
  return SeriesGeometry::from_slices(placed, Uid::derived_from("frame of reference"));
}

/// The series of these slices; they need not come in order.
inline std::shared_ptr<const SourceSeries> source_of(const std::vector<TestSlice>& slices) {
  const auto geometry = geometry_of(slices);
  std::vector<ByteView> files;
  for (const auto& placed : geometry.slices()) {
    for (const auto& slice : slices) {
      if (slice.uid() == placed.instance.sop_instance_uid) files.emplace_back(slice.bytes());
    }
  }
  return SourceSeries::from_files(geometry, files);
}

inline LesionMask mask_where(const SeriesGeometry& grid, const std::function<bool(int x, int y, int z)>& inside) {
  LesionMask mask{grid, {}};
  for (int z = 0; z < grid.slice_count(); ++z) {
    for (int y = 0; y < grid.rows(); ++y) {
      for (int x = 0; x < grid.columns(); ++x) mask.voxels.push_back(inside(x, y, z) ? 1 : 0);
    }
  }
  return mask;
}

/// A ball in the middle of the grid, in voxels; ragged, so that no row looks like its neighbour.
inline LesionMask ragged_ball(const SeriesGeometry& grid, double radius) {
  const double cx = grid.columns() / 2.0, cy = grid.rows() / 2.0, cz = (grid.slice_count() - 1) / 2.0;
  return mask_where(grid, [=](int x, int y, int z) {
    const auto distance = std::hypot(x - cx, y - cy, 2 * (z - cz));
    return distance < radius && (x * 7 + y * 13 + z * 5) % 11 != 0;
  });
}

inline ResultIdentity identity_for(const SeriesGeometry& grid) {
  const auto& slice = grid.slices().front().instance;
  return {.presentation_state = {slice.study_instance_uid, Uid::derived_from("gsps series"), Uid::derived_from("gsps"),
                                 Uid::require("1.2.840.10008.5.1.4.1.1.11.1")},
          .lesion = {Uid::derived_from("lesion"), "Lesion 1", true},
          .round = 1,
          .reader = PatientText("Reader^One"),
          .model_name = "compact",
          .model_version = "1.0.0",
          .model_digest = sha256("weights"),
          .algorithm_parameters = "clicks=1",
          .content_date = "20260102",
          .content_time = "030405.000000",
          .device_serial_number = "node-1",
          .software_version = "0.1.0"};
}

}  // namespace punctum::test
