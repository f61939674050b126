#include "inference/datasets/nifti.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/datasets/nifti_writer.hpp"

namespace punctum {
namespace {

using test::NiftiFile;

/// Every voxel's value is its own number in the file.
NiftiFile numbered(std::array<int, 3> count) {
  NiftiFile file;
  file.count = count;
  for (int i = 0; i < count[0] * count[1] * count[2]; ++i) file.values.push_back(static_cast<float>(i));
  return file;
}

/// Whatever axes the file has: the voxel with a number lies where the file's own matrix puts it.
void expect_voxels_where_the_file_says(const NiftiFile& file) {
  test::TempDir folder;
  test::write_nifti(folder / "image.nii.gz", file);
  const auto volume = read_nifti_volume(folder / "image.nii.gz");
  ASSERT_EQ(volume.hu.size(), file.values.size());
  std::set<int> seen;
  for (int z = 0; z < volume.geometry.slice_count(); ++z) {
    for (int y = 0; y < volume.geometry.rows(); ++y) {
      for (int x = 0; x < volume.geometry.columns(); ++x) {
        const int number = volume.at({x, y, z});
        seen.insert(number);
        const int i = number % file.count[0], j = number / file.count[0] % file.count[1],
                  k = number / file.count[0] / file.count[1];
        const auto ras = [&](std::size_t row) {
          const auto& m = file.to_ras[row];
          return static_cast<double>(m[0]) * i + static_cast<double>(m[1]) * j + static_cast<double>(m[2]) * k +
                 static_cast<double>(m[3]);
        };
        const auto place = volume.geometry.to_patient(VoxelIndex{x, y, z});
        ASSERT_NEAR(place.x, -ras(0), 1e-3);  // RAS to LPS: left and right, back and front change their signs
        ASSERT_NEAR(place.y, -ras(1), 1e-3);
        ASSERT_NEAR(place.z, ras(2), 1e-3);
      }
    }
  }
  EXPECT_EQ(seen.size(), file.values.size());
}

TEST(NiftiVolume, LiesInLpsWhereTheFilePutsItInRas) {
  auto file = numbered({4, 3, 2});
  file.to_ras = {{{-0.5F, 0, 0, 10}, {0, -0.7F, 0, 20}, {0, 0, 3, 30}}};  // as an axial DICOM series is converted
  expect_voxels_where_the_file_says(file);
  file.to_ras = {{{0.5F, 0, 0, 10}, {0, 0.7F, 0, 20}, {0, 0, 3, 30}}};  // true RAS
  expect_voxels_where_the_file_says(file);
  file.to_ras = {{{0.5F, 0, 0, 10}, {0, -0.7F, 0, 20}, {0, 0, -3, 30}}};  // left-handed axes, head first
  expect_voxels_where_the_file_says(file);
}

TEST(NiftiVolume, NamesAxesAnewWhereSlicesAreTheFirstAxis) {
  auto file = numbered({5, 4, 3});
  file.to_ras = {{{0, 0, -0.8F, 10}, {0, -0.8F, 0, 20}, {-3, 0, 0, 30}}};  // KiTS: slice, row, column
  expect_voxels_where_the_file_says(file);
  test::TempDir folder;
  test::write_nifti(folder / "image.nii.gz", file);
  const auto volume = read_nifti_volume(folder / "image.nii.gz");
  EXPECT_EQ(volume.geometry.columns(), 3);
  EXPECT_EQ(volume.geometry.slice_count(), 5);
  EXPECT_NEAR(volume.geometry.slice_spacing_mm(), 3, 1e-5);
}

TEST(NiftiVolume, KeepsObliqueAxes) {
  auto file = numbered({4, 5, 6});
  const float c = std::cos(0.3F), s = std::sin(0.3F);
  file.to_ras = {
      {{c * 0.9F, -s * 0.9F, 0, 1}, {s * 0.9F * c, c * 0.9F * c, -s * 2, 2}, {s * 0.9F * s, c * 0.9F * s, c * 2, 3}}};
  expect_voxels_where_the_file_says(file);
}

TEST(NiftiVolume, AppliesTheScalingOfTheFile) {
  test::TempDir folder;
  auto file = numbered({2, 2, 2});
  file.slope = 2;
  file.intercept = -1024;
  test::write_nifti(folder / "image.nii.gz", file);
  const auto volume = read_nifti_volume(folder / "image.nii.gz");
  const auto [least, most] = std::minmax_element(volume.hu.begin(), volume.hu.end());
  EXPECT_EQ(*least, -1024);
  EXPECT_EQ(*most, -1010);
}

TEST(NiftiVolume, RefusesWhatIsNoSingleImage) {
  test::TempDir folder;
  std::ofstream(folder / "image.nii.gz") << "this is no image";
  EXPECT_THROW(read_nifti_volume(folder / "image.nii.gz"), StorageError);
  EXPECT_THROW(read_nifti_volume(folder / "missing.nii.gz"), StorageError);
  auto file = numbered({2, 2, 2});
  file.volumes = 2;
  file.values.resize(16);
  test::write_nifti(folder / "series.nii.gz", file);
  const auto message = PUNCTUM_MESSAGE_OF(StorageError, read_nifti_volume(folder / "series.nii.gz"));
  EXPECT_THAT(message, testing::HasSubstr("more than one 3-D image"));
}

TEST(NiftiLabels, RefusesWhatIsNoLabel) {
  test::TempDir folder;
  auto file = numbered({2, 2, 2});
  test::write_nifti(folder / "labels.nii.gz", file);
  EXPECT_EQ(read_nifti_labels(folder / "labels.nii.gz").labels.size(), 8U);
  file.values[3] = 0.5F;
  test::write_nifti(folder / "half.nii.gz", file);
  EXPECT_THROW(read_nifti_labels(folder / "half.nii.gz"), StorageError);
}

TEST(NiftiVolume, ReadsARealSarcomaWithItsMask) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  const auto folder = data / "nifti" / "STS_002";
  const auto volume = read_nifti_volume(folder / "CT_image.nii.gz");
  const auto mask = read_nifti_labels(folder / "CT_mask.nii.gz");
  EXPECT_EQ(volume.geometry.columns(), 161);  // as its header says
  EXPECT_EQ(volume.geometry.rows(), 143);
  EXPECT_EQ(volume.geometry.slice_count(), 48);
  EXPECT_NEAR(volume.geometry.slice_spacing_mm(), 3.27, 1e-4);
  ASSERT_EQ(mask.labels.size(), volume.hu.size());
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < mask.labels.size(); ++i) {
    if (mask.labels[i] == 0) continue;
    sum += volume.hu[i];
    count += 1;
  }
  EXPECT_GT(sum / count, -50);  // soft tissue
  EXPECT_LT(sum / count, 120);
}

}  // namespace
}  // namespace punctum
