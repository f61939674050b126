#include <gtest/gtest.h>

#include <cmath>

#include "dicom/seg/seg_writer.hpp"
#include "dicom/types/error.hpp"
#include "inference/datasets/layouts.hpp"
#include "inference/datasets/lesion_case.hpp"
#include "node/tools/dataset_command.hpp"
#include "node/tools/dataset_reader.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

ManifestEntry dicom_entry(const fs::path& patient) {
  ManifestEntry entry;
  entry.image = patient / "CT" / "image";
  entry.mask = patient / "CT" / "mask" / "RS.dcm";
  entry.roi = "GTV_Mass_CT";
  entry.lesions = LesionsAre::one;
  return entry;
}

ManifestEntry nifti_entry(const fs::path& patient) {
  ManifestEntry entry;
  entry.image = patient / "CT_image.nii.gz";
  entry.mask = patient / "CT_mask.nii.gz";
  entry.lesions = LesionsAre::one;
  return entry;
}

/// The collection's authors give four patients both ways: contours on DICOM, and voxels that their own software filled.
TEST(DicomCases, AreVoxelByVoxelTheSamePatientsAsNifti) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  for (const std::string name : {"STS_008", "STS_019", "STS_025", "STS_042"}) {
    SCOPED_TRACE(name);
    const auto dicom = load_case(dicom_entry(data / "dicom" / name), dicom_readers());
    const auto nifti = load_case(nifti_entry(data / "nifti" / name));
    ASSERT_EQ(dicom.lesions.size(), 1U);
    const auto &a = dicom.lesions[0].mask, &b = nifti.lesions[0].mask;
    EXPECT_EQ(a.count(), b.count());
    std::size_t common = 0, i = 0;
    for (int z = 0; z < b.geometry.slice_count(); ++z) {
      for (int y = 0; y < b.geometry.rows(); ++y) {
        for (int x = 0; x < b.geometry.columns(); ++x, ++i) {
          if (b.voxels[i] == 0) continue;
          const auto at = a.geometry.to_index(b.geometry.to_patient(VoxelIndex{x, y, z}));
          const VoxelIndex same{static_cast<int>(std::lround(at.x)), static_cast<int>(std::lround(at.y)),
                                static_cast<int>(std::lround(at.z))};
          ASSERT_TRUE(a.geometry.contains(same));
          common += a.voxels[dicom.volume.index(same)];
          ASSERT_EQ(dicom.volume.at(same), nifti.volume.hu[i]);
        }
      }
    }
    EXPECT_EQ(common, b.count());
  }
}

TEST(DicomCases, ReadTheLungCancersOfTheRadiomicsPhantom) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-lung-radiomics-phantom-NC");
  LayoutOptions options;
  options.folder = data;
  for (const auto& entry : list_dataset(Layout::lung_phantom, options)) {
    const auto loaded = load_case(entry, dicom_readers());
    ASSERT_EQ(loaded.lesions.size(), 1U) << entry.name;
    double sum = 0;
    for (std::size_t i = 0; i < loaded.volume.hu.size(); ++i) {
      if (loaded.lesions[0].mask.voxels[i] != 0) sum += loaded.volume.hu[i];
    }
    EXPECT_GT(sum / static_cast<double>(loaded.lesions[0].mask.count()), -300) << entry.name;
  }
}

TEST(DicomCases, TakeSegmentsOfASegmentationAsLesions) {
  test::CtSeriesBuilder series;
  series.slice.size(20, 18).direction({0.8, 0.6, 0}, {-0.36, 0.48, 0.8});
  const auto slices = series.count(6).step_mm(PatientVector{0.72, -0.96, 0.9}).build();
  const auto source = test::source_of(slices);
  const auto small = test::mask_where(source->geometry(), [](int x, int y, int z) { return z < 3 && x < 8 && y > 13; });
  const auto large = test::mask_where(source->geometry(), [](int x, int y, int) { return x > 9 && y < 13; });
  const auto file = write_segmentation(
      {{small, "Small", {Uid::derived_from("a"), "a"}}, {large, "Large", {Uid::derived_from("b"), "b"}}}, *source,
      {.sop_instance_uid = Uid::derived_from("seg"),
       .series_instance_uid = Uid::derived_from("seg series"),
       .content_date = "20260102",
       .content_time = "030405"});
  test::TempDir folder;
  fs::create_directory(folder / "ct");
  for (std::size_t i = 0; i < slices.size(); ++i) {
    test::write_file(folder / "ct" / (std::to_string(i) + ".dcm"), slices[i].bytes());
  }
  test::write_file(folder / "ct" / "truth.dcm", file.bytes);  // beside the slices: passed over as no CT

  ManifestEntry entry;
  entry.image = folder / "ct";
  entry.mask = folder / "ct" / "truth.dcm";
  entry.labels = {1, 2};
  entry.lesions = LesionsAre::labels;
  const auto loaded = load_case(entry, dicom_readers());
  ASSERT_EQ(loaded.lesions.size(), 2U);
  EXPECT_EQ(loaded.lesions[0].mask.voxels, small.voxels);
  EXPECT_EQ(loaded.lesions[1].mask.voxels, large.voxels);
}

TEST(DicomCases, AreRefusedWithoutAReader) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  EXPECT_THROW(load_case(dicom_entry(data / "dicom" / "STS_008")), ConfigError);
}

TEST(DatasetCommand, WritesAManifestThatLoads) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  test::TempDir folder;
  DatasetOptions options;
  options.layout = Layout::sts;
  options.from.folder = data;
  options.manifest = folder / "sts.jsonl";
  EXPECT_EQ(run_dataset(options), 0);
  const auto entries = read_case_manifest(options.manifest);
  ASSERT_EQ(entries.size(), 22U);
  EXPECT_EQ(load_case(entries.front()).lesions.size(), 1U);
  EXPECT_TRUE(fs::exists(entries.back().image));

  options.layout = Layout::lung_phantom;
  const auto lung = PUNCTUM_DATA_OR_SKIP("lesions-lung-radiomics-phantom-NC");
  options.from.folder = lung;
  options.append = true;
  options.check = true;
  EXPECT_EQ(run_dataset(options), 0);
  EXPECT_EQ(read_case_manifest(options.manifest).size(), 26U);
}

}  // namespace
}  // namespace punctum
