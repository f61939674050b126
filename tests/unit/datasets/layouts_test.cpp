#include "inference/datasets/layouts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "dicom/types/error.hpp"
#include "inference/datasets/lesion_case.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/datasets/nifti_writer.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

/// A tiny image, or a mask with these values in its first voxels.
void put_nifti(const fs::path& file, const std::vector<float>& first_values = {}) {
  fs::create_directories(file.parent_path());
  test::NiftiFile nifti;
  nifti.count = {6, 6, 4};
  nifti.to_ras = {{{-3, 0, 0, 0}, {0, -3, 0, 0}, {0, 0, 3, 0}}};
  nifti.values.assign(6 * 6 * 4, 0);
  std::copy(first_values.begin(), first_values.end(), nifti.values.begin());
  test::write_nifti(file, nifti);
}

fs::path kits_of(const fs::path& folder, int cases) {
  for (int i = 0; i < cases; ++i) {
    const auto name = "case_0000" + std::to_string(i);
    put_nifti(folder / name / "imaging.nii.gz");
    put_nifti(folder / name / "segmentation.nii.gz",
              i % 2 == 0 ? std::vector<float>{1, 2, 2} : std::vector<float>{1, 2, 0, 3});
  }
  put_nifti(folder / "case_00099" / "segmentation.nii.gz", {2});  // its image was not downloaded
  return folder;
}

LayoutOptions at(const fs::path& folder) {
  LayoutOptions options;
  options.folder = folder;
  return options;
}

std::map<Split, int> splits_of(const std::vector<ManifestEntry>& entries) {
  std::map<Split, int> count;
  for (const auto& entry : entries) ++count[entry.split];
  return count;
}

TEST(Layouts, ListTumoursAndCystsOfKits) {
  test::TempDir folder;
  const auto entries = list_dataset(Layout::kits, at(kits_of(folder.path(), 4)));
  ASSERT_EQ(entries.size(), 6U);  // four tumours, two cysts
  EXPECT_EQ(entries[0].type, "kidney tumour");
  EXPECT_EQ(entries[0].labels, std::vector{2});
  EXPECT_EQ(entries[2].type, "kidney cyst");
  EXPECT_EQ(entries[2].labels, std::vector{3});
  EXPECT_EQ(entries[2].patient, "case_00001");
  EXPECT_EQ(entries[0].licence, "CC-BY-NC-SA-4.0");
  const auto loaded = load_case(entries[2]);
  ASSERT_EQ(loaded.lesions.size(), 1U);
  EXPECT_EQ(loaded.lesions[0].mask.count(), 1U);
}

TEST(Layouts, HoldOutATypeAndKeepItsPatientsFromTraining) {
  test::TempDir folder;
  auto options = at(kits_of(folder.path(), 8));
  options.zero_shot_types = {"kidney cyst"};
  const auto entries = list_dataset(Layout::kits, options);
  for (const auto& entry : entries) {
    const bool has_cyst = (entry.patient.back() - '0') % 2 == 1;
    if (!has_cyst) continue;
    EXPECT_EQ(entry.split, entry.type == "kidney cyst" ? Split::zero_shot : Split::test);
  }
  EXPECT_EQ(splits_of(entries)[Split::train], 2);  // 60 % of the four patients without a cyst
}

TEST(Layouts, RefuseToHoldOutATypeThatNoLesionHas) {
  test::TempDir folder;
  auto options = at(kits_of(folder.path(), 4));
  options.zero_shot_types = {"kidney cysts"};
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(ConfigError, list_dataset(Layout::kits, options)),
              testing::HasSubstr(
                  "\"kidney cysts\": found no lesion of that type, expected one of \"kidney cyst\" \"kidney tumour\""));
}

TEST(Layouts, SplitSixtyTwentyTwentyByPatientAlwaysAlike) {
  std::vector<ManifestEntry> entries(50);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].patient = "P" + std::to_string(i / 2);
  split_patients(entries, "x", {});
  EXPECT_EQ(splits_of(entries), (std::map<Split, int>{{Split::train, 30}, {Split::validation, 10}, {Split::test, 10}}));
  auto turned = entries;
  std::reverse(turned.begin(), turned.end());
  split_patients(turned, "x", {});
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].split, turned[49 - i].split);
}

fs::path decathlon_in(const fs::path& folder, const std::string& modality = "CT") {
  put_nifti(folder / "imagesTr" / "liver_0.nii.gz");
  put_nifti(folder / "labelsTr" / "liver_0.nii.gz", {1, 1, 2, 2});
  put_nifti(folder / "imagesTr" / "liver_1.nii.gz");
  put_nifti(folder / "labelsTr" / "liver_1.nii.gz", {1, 1});  // a liver without a tumour
  std::ofstream(folder / "dataset.json")
      << R"({"name": "LIVER", "licence": "CC-BY-SA 4.0", "modality": {"0": ")" << modality
      << R"("}, "labels": {"0": "background", "1": "liver", "2": "cancer"}, "training": [
           {"image": "./imagesTr/liver_0.nii.gz", "label": "./labelsTr/liver_0.nii.gz"},
           {"image": "./imagesTr/liver_1.nii.gz", "label": "./labelsTr/liver_1.nii.gz"}], "test": []})";
  return folder;
}

TEST(Layouts, FindTheLesionLabelsOfADecathlonTask) {
  test::TempDir folder;
  const auto entries = list_dataset(Layout::decathlon, at(decathlon_in(folder.path())));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].patient, "liver_0");
  EXPECT_EQ(entries[0].type, "LIVER cancer");
  EXPECT_EQ(entries[0].labels, std::vector{2});
  EXPECT_EQ(entries[0].licence, "CC-BY-SA-4.0");
  EXPECT_EQ(load_case(entries[0]).lesions.size(), 1U);
}

TEST(Layouts, RefuseADecathlonTaskThatIsNoCt) {
  test::TempDir folder;
  EXPECT_THROW(list_dataset(Layout::decathlon, at(decathlon_in(folder.path(), "MRI"))), ConfigError);
}

TEST(Layouts, ListAPlainFolder) {
  test::TempDir folder;
  put_nifti(folder / "images/one.nii.gz");
  put_nifti(folder / "masks/one.nii.gz", {7});
  put_nifti(folder / "images/two.nii.gz");
  auto options = at(folder.path());
  options.labels = {7};
  options.type = "liver metastasis";
  EXPECT_THROW(list_dataset(Layout::plain, options), ConfigError);  // two has no mask
  put_nifti(folder / "masks/two.nii.gz", {7});
  const auto entries = list_dataset(Layout::plain, options);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].patient, "one");
  EXPECT_EQ(entries[0].type, "liver metastasis");
}

TEST(Layouts, RefuseAFolderThatIsLaidOutOtherwise) {
  test::TempDir folder;
  EXPECT_THROW(list_dataset(Layout::kits, at(folder.path())), ConfigError);
  EXPECT_THROW(list_dataset(Layout::sts, at(folder.path())), ConfigError);
  EXPECT_THROW(list_dataset(Layout::decathlon, at(folder.path())), ConfigError);
}

TEST(Layouts, SplitTheSarcomasAsTheirReadmeSays) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  const auto entries = list_dataset(Layout::sts, at(data));
  ASSERT_EQ(entries.size(), 22U);
  std::vector<std::string> held_out;
  for (const auto& entry : entries) {
    if (entry.split != Split::train) held_out.push_back(entry.patient);
  }
  EXPECT_THAT(held_out, testing::ElementsAre("STS_008", "STS_010", "STS_015", "STS_019", "STS_025", "STS_035",
                                             "STS_042", "STS_050"));
}

TEST(Layouts, KeepTheLungCancersForTesting) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-lung-radiomics-phantom-NC");
  const auto entries = list_dataset(Layout::lung_phantom, at(data));
  ASSERT_EQ(entries.size(), 4U);
  for (const auto& entry : entries) {
    EXPECT_EQ(entry.split, Split::test);
    EXPECT_EQ(entry.licence, "CC-BY-NC-3.0");
  }
}

}  // namespace
}  // namespace punctum
