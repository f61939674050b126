#include "inference/datasets/shape_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "dicom/types/error.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using synthesis::ShapeMask;

TEST(ShapePack, ComesBackAsItWasWritten) {
  const test::TempDir folder;
  const ShapeMask a{{3, 2, 2, 0.7, 0.7, 2.5}, {1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1}, 1, 0};
  const ShapeMask b{{1, 1, 1, 1, 1, 1}, {1}, -1, -1};
  write_shape_pack(folder.path() / "two.shapes", {a, b});
  const auto back = read_shapes(folder.path() / "two.shapes");
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].voxels, a.voxels);
  EXPECT_EQ(back[0].grid.columns, 3);
  EXPECT_EQ(back[0].grid.dz_mm, 2.5);
  EXPECT_EQ(back[0].shape, 1);
  EXPECT_EQ(back[0].surface, 0);
  EXPECT_EQ(back[1].voxels, b.voxels);
  EXPECT_EQ(back[1].shape, -1);
}

TEST(ShapePack, RefusesWhatIsNoPackOrDamaged) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "no.shapes") << "hello";
  EXPECT_THROW(read_shapes(folder.path() / "no.shapes"), StorageError);
  EXPECT_THROW(read_shapes(folder.path() / "missing.shapes"), StorageError);
  std::ofstream(folder.path() / "cut.shapes") << "punctum shapes 1\nabc";  // zlib reads plain files, too
  EXPECT_THROW(read_shapes(folder.path() / "cut.shapes"), StorageError);
}

TEST(ShapeArchive, ReadsLesionsOfTheDecathlonOutOfTheirArchives) {
  const std::filesystem::path all = std::filesystem::path(PUNCTUM_SHARED_DATA) / "lesion-shapes-msd";
  if (!std::filesystem::exists(all)) GTEST_SKIP() << "no shared data at " << all;
  const test::TempDir folder;
  int copied = 0;
  for (const auto& entry : std::filesystem::directory_iterator(all / "MDSC_Task06_Lung")) {
    if (copied == 3) break;
    std::filesystem::copy(entry.path(), folder.path() / entry.path().filename());
    ++copied;
  }
  const auto shapes = read_shapes(folder.path());
  ASSERT_EQ(shapes.size(), 3U);
  for (const auto& shape : shapes) {
    EXPECT_EQ(shape.voxels.size(), shape.grid.size());
    EXPECT_THAT(shape.voxels, testing::Contains(1));
    EXPECT_LT(shape.grid.columns, 256) << "expected the lesion cut out of its region";
    EXPECT_GT(shape.grid.dx_mm, 0.3);
  }
}

TEST(ShapeArchive, RefusesAnArchiveThatIsNone) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "bad.zip") << "no archive";
  EXPECT_THROW(read_shapes(folder.path()), StorageError);
}

}  // namespace
}  // namespace punctum
