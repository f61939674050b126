#include "dicom/geometry/series_geometry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::IsNearMm;

const Uid frame = Uid::require("1.2.3.9");

PlacedSlice slice_at(const PatientPoint& position, int number) {
  const SopInstance name{Uid::require("1.2.3"), Uid::require("1.2.3.4"),
                         Uid::require("1.2.3.4." + std::to_string(number)), Uid::require("1.2.840.10008.5.1.4.1.1.2")};
  return {name, {position, {1, 0, 0}, {0, 1, 0}, 0.5, 0.7, 20, 10}};
}

std::vector<PlacedSlice> stack(int count, PatientVector step) {
  std::vector<PlacedSlice> slices;
  for (int i = 0; i < count; ++i) slices.push_back(slice_at(PatientPoint{-5, -6, 100} + step * i, i + 1));
  return slices;
}

TEST(SeriesGeometry, OrdersSlicesByPositionWhateverTheirOrder) {
  auto slices = stack(5, {0, 0, 2});
  std::reverse(slices.begin(), slices.end());
  std::swap(slices[1], slices[3]);
  const auto geometry = SeriesGeometry::from_slices(slices, frame);
  ASSERT_EQ(geometry.slice_count(), 5);
  for (int z = 0; z < 5; ++z) {
    EXPECT_EQ(geometry.slices()[static_cast<std::size_t>(z)].instance.sop_instance_uid.str(),
              "1.2.3.4." + std::to_string(z + 1));
  }
  EXPECT_DOUBLE_EQ(geometry.slice_spacing_mm(), 2);
  EXPECT_DOUBLE_EQ(geometry.voxel_volume_mm3(), 0.5 * 0.7 * 2);
}

TEST(SeriesGeometry, MapsVoxelCentresToThePatientAndBack) {
  const auto geometry = SeriesGeometry::from_slices(stack(5, {0, 0, 2}), frame);
  EXPECT_THAT(geometry.to_patient(VoxelIndex{0, 0, 0}), IsNearMm(-5, -6, 100));
  EXPECT_THAT(geometry.to_patient(VoxelIndex{2, 3, 4}), IsNearMm(-4, -3.9, 108));
  const auto index = geometry.to_index(PatientPoint{-4, -3.9, 107});
  EXPECT_NEAR(index.x, 2, 1e-9);
  EXPECT_NEAR(index.y, 3, 1e-9);
  EXPECT_NEAR(index.z, 3.5, 1e-9);
}

TEST(SeriesGeometry, KeepsTheShearOfATiltedGantry) {
  const auto geometry = SeriesGeometry::from_slices(stack(5, {0, 0.5, 2}), frame);
  EXPECT_DOUBLE_EQ(geometry.slice_spacing_mm(), 2) << "distance along the normal, not along the step";
  EXPECT_DOUBLE_EQ(geometry.slice_step_mm().y, 0.5);
  EXPECT_THAT(geometry.to_patient(VoxelIndex{0, 0, 4}), IsNearMm(-5, -4, 108));
  const auto index = geometry.to_index(PatientPoint{-5, -4, 108});
  EXPECT_NEAR(index.y, 0, 1e-9);
  EXPECT_NEAR(index.z, 4, 1e-9);
}

TEST(SeriesGeometry, SingleSliceTakesItsThicknessAsSpacing) {
  const auto geometry = SeriesGeometry::from_slices({slice_at({0, 0, 0}, 1)}, frame, 3.0);
  EXPECT_DOUBLE_EQ(geometry.slice_spacing_mm(), 3.0);
  EXPECT_EQ(geometry.slice_count(), 1);
}

TEST(SeriesGeometry, ToleratesRoundedPositions) {
  auto slices = stack(9, {0, 0, 0.625});
  for (auto& slice : slices) slice.plane.position_mm.z = std::round(slice.plane.position_mm.z * 10) / 10;
  EXPECT_NEAR(SeriesGeometry::from_slices(slices, frame).slice_spacing_mm(), 0.625, 1e-9);
}

TEST(SeriesGeometry, RefusesAMissingSlice) {
  auto slices = stack(6, {0, 0, 2});
  slices.erase(slices.begin() + 2);
  EXPECT_THROW(SeriesGeometry::from_slices(slices, frame), GeometryError);
}

TEST(SeriesGeometry, RefusesSlicesThatDifferInShape) {
  auto slices = stack(4, {0, 0, 2});
  slices[2].plane.columns = 21;
  EXPECT_THROW(SeriesGeometry::from_slices(slices, frame), GeometryError);
  slices = stack(4, {0, 0, 2});
  slices[3].plane.row_spacing_mm = 0.8;
  EXPECT_THROW(SeriesGeometry::from_slices(slices, frame), GeometryError);
}

TEST(SeriesGeometry, RefusesSlicesAtOnePlace) {
  EXPECT_THROW(SeriesGeometry::from_slices(stack(3, {0, 0, 0}), frame), GeometryError);
  EXPECT_THROW(SeriesGeometry::from_slices({}, frame), GeometryError);
}

TEST(SeriesGeometry, VoxelUnderAPointIsTheFloorOfItsCornerBasedCoordinates) {
  const auto geometry = SeriesGeometry::from_slices(stack(5, {0, 0, 2}), frame);
  const auto third = Uid::require("1.2.3.4.3");
  EXPECT_EQ(geometry.voxel_under({0, 0}, third), (VoxelIndex{0, 0, 2}));
  EXPECT_EQ(geometry.voxel_under({3.999, 7.0}, third), (VoxelIndex{3, 7, 2}));
  EXPECT_EQ(geometry.voxel_under({20, 10}, third), (VoxelIndex{19, 9, 2})) << "the far edge belongs to the last voxel";
}

TEST(SeriesGeometry, RefusesPointsOutsideOrOnForeignImages) {
  const auto geometry = SeriesGeometry::from_slices(stack(5, {0, 0, 2}), frame);
  EXPECT_THROW(geometry.voxel_under({20.5, 1}, Uid::require("1.2.3.4.1")), GeometryError);
  EXPECT_THROW(geometry.voxel_under({1, 1}, Uid::require("1.2.3.4.99")), GeometryError);
}

TEST(SeriesGeometry, PointOnASliceAndItsVoxelAgreeInThePatient) {
  const auto geometry = SeriesGeometry::from_slices(stack(5, {0, 0.5, 2}), frame);
  const auto& slice = geometry.slices()[3];
  const auto drawn = to_patient(ImagePoint{4.5, 6.5}, slice.plane);
  const auto voxel = geometry.voxel_under({4.5, 6.5}, slice.instance.sop_instance_uid);
  EXPECT_THAT(geometry.to_patient(voxel), IsNearMm(drawn.x, drawn.y, drawn.z));
}

}  // namespace
}  // namespace punctum
