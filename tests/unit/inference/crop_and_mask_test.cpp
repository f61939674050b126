#include <gtest/gtest.h>

#include <cmath>

#include "dicom/types/sop_classes.hpp"
#include "inference/evaluation/metrics.hpp"
#include "inference/postprocess/source_mask.hpp"
#include "inference/preprocess/crop.hpp"

namespace punctum {
namespace {

struct Stack {
  int columns = 60, rows = 50, slices = 20;
  double column_mm = 0.8, row_mm = 0.8, slice_mm = 3;
  PatientVector row{1, 0, 0}, column{0, 1, 0};
  PatientVector tilt{0, 0, 0};  // added to every step between slices
};

SeriesGeometry geometry_of(const Stack& stack) {
  std::vector<PlacedSlice> slices;
  const auto step = cross(stack.row, stack.column) * stack.slice_mm + stack.tilt;
  for (int z = 0; z < stack.slices; ++z) {
    const auto name = std::to_string(z);
    slices.push_back({{Uid::derived_from("study"), Uid::derived_from("series"), Uid::derived_from("slice " + name),
                       Uid::require(sop_class::ct_image_storage)},
                      {PatientPoint{-20, -15, 30} + step * z, stack.row, stack.column, stack.column_mm, stack.row_mm,
                       stack.columns, stack.rows}});
  }
  return SeriesGeometry::from_slices(std::move(slices), Uid::derived_from("frame"));
}

std::vector<Stack> awkward_stacks() {
  const double c = std::cos(0.4), s = std::sin(0.4);
  Stack thick, oblique, tilted, uneven, sagittal;
  oblique.row = {c, s, 0}, oblique.column = {-s, c, 0};
  tilted.tilt = {0, 0.9, 0};
  uneven.row_mm = 1.3;
  sagittal.row = {0, 1, 0}, sagittal.column = {0, 0, -1};
  return {thick, oblique, tilted, uneven, sagittal};
}

LesionMask ball(const SeriesGeometry& geometry, const PatientPoint& centre, double radius_mm) {
  LesionMask mask{geometry, {}};
  for (int z = 0; z < geometry.slice_count(); ++z) {
    for (int y = 0; y < geometry.rows(); ++y) {
      for (int x = 0; x < geometry.columns(); ++x) {
        const auto d = geometry.to_patient(x, y, z) - centre;
        mask.voxels.push_back(dot(d, d) < radius_mm * radius_mm);
      }
    }
  }
  return mask;
}

TEST(CropGrid, CentreVoxelLiesUnderTheClick) {
  const auto crop = CropGrid::around({10, -20, 35}, 1.5, 48);
  const auto at = crop.to_crop({10, -20, 35});
  EXPECT_DOUBLE_EQ(at.x, 24);
  EXPECT_DOUBLE_EQ(at.y, 24);
  EXPECT_DOUBLE_EQ(at.z, 24);
}

TEST(Crop, ShowsTheSamePlaceWhateverTheSeriesAxes) {
  for (const auto& stack : awkward_stacks()) {
    const auto geometry = geometry_of(stack);
    Volume volume{geometry, {}};
    for (int z = 0; z < geometry.slice_count(); ++z) {  // HU says where a voxel lies: linear in the patient's axes
      for (int y = 0; y < geometry.rows(); ++y) {
        for (int x = 0; x < geometry.columns(); ++x) {
          const auto p = geometry.to_patient(x, y, z);
          volume.hu.push_back(static_cast<std::int16_t>(std::lround(8 * p.x - 4 * p.y + 2 * p.z)));
        }
      }
    }
    const auto centre = geometry.to_patient(geometry.columns() / 2, geometry.rows() / 2, geometry.slice_count() / 2);
    const auto crop = CropGrid::around(centre, 1.5, 8);
    const auto hu = sample_hu(volume, crop);
    for (int z = 0; z < 8; ++z) {
      for (int x = 0; x < 8; ++x) {
        const double wanted =
            8 * (crop.first_mm.x + 1.5 * x) - 4 * (crop.first_mm.y + 1.5 * 3) + 2 * (crop.first_mm.z + 1.5 * z);
        EXPECT_NEAR(hu[static_cast<std::size_t>((z * 8 + 3) * 8 + x)], wanted, 1.01);
      }
    }
  }
}

TEST(Crop, IsAirWhereTheSeriesEnds) {
  const auto geometry = geometry_of({});
  const Volume volume{geometry, std::vector<std::int16_t>(60 * 50 * 20, 50)};
  const auto hu = sample_hu(volume, CropGrid::around(geometry.to_patient(0, 0, 0), 1.5, 16));
  EXPECT_EQ(hu.front(), outside_hu);
  EXPECT_EQ(hu.back(), 50);
}

TEST(SourceMask, BallComesBackToItsPlaceOnEveryGrid) {
  for (const auto& stack : awkward_stacks()) {
    const auto geometry = geometry_of(stack);
    const auto centre = geometry.to_patient(geometry.columns() / 2, geometry.rows() / 2, geometry.slice_count() / 2);
    const auto crop = CropGrid::around(centre, 1.5, 48);
    std::vector<float> logits;
    for (int z = 0; z < 48; ++z) {
      for (int y = 0; y < 48; ++y) {
        for (int x = 0; x < 48; ++x) {
          const auto d = crop.first_mm + PatientVector{1.5 * x, 1.5 * y, 1.5 * z} - centre;
          logits.push_back(static_cast<float>(9 - std::sqrt(dot(d, d))));
        }
      }
    }
    const auto mask = mask_on_source(geometry, crop, logits);
    EXPECT_GT(dice(mask, ball(geometry, centre, 9)).value_or(0), 0.98);
  }
}

TEST(SourceMask, AFinerAnswerCountsWithinItsCropButNotAtItsFaces) {
  const auto geometry = geometry_of({});
  const auto centre = geometry.to_patient(30, 25, 10);
  const auto crop = CropGrid::around(centre, 1.0, 16);
  const std::vector<float> nothing(16 * 16 * 16, -5.0F);
  auto mask = ball(geometry, centre, 14);
  const auto before = mask;
  put_finer_answer(mask, crop, nothing, 3);
  for (int z = 0; z < geometry.slice_count(); ++z) {
    for (int y = 0; y < geometry.rows(); ++y) {
      for (int x = 0; x < geometry.columns(); ++x) {
        const auto i = static_cast<std::size_t>((z * geometry.rows() + y) * geometry.columns() + x);
        const bool inside = crop.holds(geometry.to_patient(x, y, z), 3);
        EXPECT_EQ(mask.voxels[i], inside ? 0 : before.voxels[i]);
      }
    }
  }
  EXPECT_LT(mask.count(), before.count());
}

TEST(SourceMask, OnlyPartsWithAClickRemain) {
  const auto geometry = geometry_of({});
  const auto a = geometry.to_patient(15, 25, 10), b = geometry.to_patient(45, 25, 10);
  auto both = ball(geometry, a, 5);
  const auto first = both.count();
  const auto second = ball(geometry, b, 6);
  for (std::size_t i = 0; i < both.voxels.size(); ++i) both.voxels[i] |= second.voxels[i];

  auto clicked = both;
  keep_clicked_parts(clicked, {{15, 25, 10}}, {});
  EXPECT_EQ(clicked.count(), first);

  auto beside = both;  // 2.4 mm outside the first ball: the reader meant it all the same
  keep_clicked_parts(beside, {{15, 34, 10}}, {});
  EXPECT_EQ(beside.count(), first);

  auto far = both;
  keep_clicked_parts(far, {{30, 2, 1}}, {});
  EXPECT_EQ(far.count(), 0u);
}

TEST(SourceMask, NegativeClickLiesOutside) {
  const auto geometry = geometry_of({});
  auto mask = ball(geometry, geometry.to_patient(30, 25, 10), 8);
  const VoxelIndex negative{35, 25, 10};
  const Volume grid{geometry, {}};
  ASSERT_EQ(mask.voxels[grid.index(negative)], 1);
  keep_clicked_parts(mask, {{30, 25, 10}}, {negative});
  EXPECT_EQ(mask.voxels[grid.index(negative)], 0);
  EXPECT_GT(mask.count(), 0u);
}

}  // namespace
}  // namespace punctum
