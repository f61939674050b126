#include "dicom/geometry/slice_plane.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::IsNearMm;

SlicePlane axial_plane() { return {{-120, -80, 35}, {1, 0, 0}, {0, 1, 0}, 0.5, 0.7, 20, 10}; }

TEST(SlicePlane, CentreOfFirstPixelIsItsImagePosition) {
  EXPECT_THAT(to_patient(ImagePoint{0.5, 0.5}, axial_plane()), IsNearMm(-120, -80, 35));
}

TEST(SlicePlane, OuterCornerLiesHalfAPixelBeforeImagePosition) {
  EXPECT_THAT(to_patient(ImagePoint{0, 0}, axial_plane()), IsNearMm(-120.25, -80.35, 35));
}

TEST(SlicePlane, ColumnsGoAlongTheRowWithTheColumnSpacing) {
  EXPECT_THAT(to_patient(ImagePoint{2.5, 0.5}, axial_plane()), IsNearMm(-119, -80, 35));
  EXPECT_THAT(to_patient(ImagePoint{0.5, 2.5}, axial_plane()), IsNearMm(-120, -78.6, 35));
}

TEST(SlicePlane, ObliqueDirectionsAreFollowed) {
  SlicePlane plane = axial_plane();
  plane.row_direction = {0, 1, 0};
  plane.column_direction = {0, 0, -1};  // sagittal
  EXPECT_THAT(to_patient(ImagePoint{2.5, 1.5}, plane), IsNearMm(-120, -79, 34.3));
}

TEST(SlicePlane, FarCornerStillBelongsToTheImage) {
  EXPECT_THAT(to_patient(ImagePoint{20, 10}, axial_plane()), IsNearMm(-110.25, -73.35, 35));
}

TEST(SlicePlane, RefusesPointsOutsideAndPointsThatAreNoNumbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& point : {ImagePoint{-0.01, 1}, ImagePoint{1, -0.01}, ImagePoint{20.01, 1}, ImagePoint{1, 10.01},
                            ImagePoint{nan, 1}, ImagePoint{1, nan}, ImagePoint{1e300, 1}}) {
    EXPECT_THROW(to_patient(point, axial_plane()), GeometryError) << point.column << ", " << point.row;
  }
}

TEST(SlicePlane, ToImageUndoesToPatient) {
  SlicePlane plane = axial_plane();
  plane.row_direction = {0.8, 0.6, 0};
  plane.column_direction = {-0.6 * 0.6, 0.8 * 0.6, 0.8};
  const auto back = to_image(to_patient(ImagePoint{13.25, 7.75}, plane), plane);
  EXPECT_NEAR(back.column, 13.25, 1e-9);
  EXPECT_NEAR(back.row, 7.75, 1e-9);
}

TEST(SlicePlane, ToImageProjectsAlongTheNormal) {
  const auto place = to_image(PatientPoint{-120, -80, 99}, axial_plane());
  EXPECT_NEAR(place.column, 0.5, 1e-12);
  EXPECT_NEAR(place.row, 0.5, 1e-12);
}

}  // namespace
}  // namespace punctum
