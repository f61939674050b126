#include "node/tools/overlay_picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "dicom/types/error.hpp"
#include "node/tools/lesion_views.hpp"
#include "node/tools/stroke_font.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

/// A cube of voxels in a series of 40 x 40 x 20, in tissue of the given HU.
struct Scene {
  Volume volume;
  LesionMask mask;
};

Scene scene(CtSeriesBuilder builder, std::int16_t hu) {
  builder.slice.size(40, 40);
  const auto grid = geometry_of(builder.count(20).build());
  Scene made{{grid, {}}, mask_where(grid, [](int x, int y, int z) {
               return x >= 10 && x < 20 && y >= 15 && y < 25 && z >= 5 && z < 12;
             })};
  made.volume.hu.assign(made.mask.voxels.size(), hu);
  return made;
}

std::string edges(const LesionView& view) { return {view.edges.begin(), view.edges.end()}; }

std::size_t coloured_pixels(const Picture& picture) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 2 < picture.rgb.size(); i += 3) {
    if (picture.rgb[i] > picture.rgb[i + 2] + 100) ++count;
  }
  return count;
}

TEST(LesionViews, HangAnAxialSeriesAsRadiologistsDo) {
  const auto views = choose_views(scene({}, 40).mask);
  EXPECT_EQ(views[0].name, "Axial");
  EXPECT_EQ(edges(views[0]), "RLAP");
  EXPECT_EQ(views[1].name, "Coronal");
  EXPECT_EQ(edges(views[1]), "RLHF");
  EXPECT_EQ(views[2].name, "Sagittal");
  EXPECT_EQ(edges(views[2]), "APHF");
  EXPECT_EQ(views[0].fixed_index, 8);
}

TEST(LesionViews, HangACoronalSeriesByThePatientNotByTheGrid) {
  CtSeriesBuilder coronal;
  coronal.slice.direction({1, 0, 0}, {0, 0, -1});
  const auto views = choose_views(scene(coronal.step_mm(PatientVector{0, 2, 0}), 40).mask);
  EXPECT_EQ(views[0].name, "Coronal");
  EXPECT_EQ(edges(views[0]), "RLHF");
  EXPECT_EQ(views[1].name, "Axial");
  EXPECT_EQ(edges(views[1]), "RLAP");
}

TEST(LesionViews, WindowFollowsTheTissueAroundTheLesion) {
  const auto in_lung = scene({}, -800), in_muscle = scene({}, 60);
  EXPECT_EQ(choose_window(in_lung.volume, in_lung.mask).name, "lung");
  EXPECT_EQ(choose_window(in_muscle.volume, in_muscle.mask).name, "soft tissue");
}

TEST(OverlayPicture, ShowsTheLesionInEveryView) {
  const auto shown = scene({}, 40);
  const auto picture = draw_lesion_overlay(shown.volume, shown.mask, {.pane_px = 200});
  EXPECT_EQ(picture.rgb.size(),
            3u * static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height));
  EXPECT_GT(coloured_pixels(picture), 300u);
}

TEST(OverlayPicture, RefusesAnEmptyMask) {
  auto shown = scene({}, 40);
  std::fill(shown.mask.voxels.begin(), shown.mask.voxels.end(), std::uint8_t{0});
  EXPECT_THROW(draw_lesion_overlay(shown.volume, shown.mask), GeometryError);
}

TEST(OverlayPicture, SaysWhereItCannotWrite) {
  const TempDir folder;
  const Picture picture{1, 1, {0, 0, 0}};
  write_png(picture, folder / "one.png");
  EXPECT_GT(std::filesystem::file_size(folder / "one.png"), 60u);
  EXPECT_THROW(write_png(picture, folder / "no such folder/one.png"), StorageError);
}

TEST(StrokeFont, WidthGrowsWithTextAndSize) {
  EXPECT_LT(text_width("1 mm", 10), text_width("10 mm", 10));
  EXPECT_NEAR(text_width("Lesion", 20), 2 * text_width("Lesion", 10), 1e-9);
  EXPECT_EQ(text_width("", 10), 0);
}

}  // namespace
}  // namespace punctum
