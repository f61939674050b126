#include "node/tools/manifest_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/datasets/nifti_writer.hpp"

namespace punctum {
namespace {

using testing::ElementsAre;

/// An image with a tumour (label 1) that is tested and a cyst (label 2) of a type that is held out, and a second image.
class ManifestCases : public testing::Test {
 protected:
  ManifestCases() {
    test::NiftiFile image, mask;
    image.count = mask.count = {12, 12, 12};
    for (int i = 0; i < 12 * 12 * 12; ++i) {
      const int z = i / 144;
      image.values.push_back(40);
      mask.values.push_back(z < 3 ? 1.0F : z > 8 ? 2.0F : 0.0F);
    }
    for (const auto* name : {"a", "b"}) {
      test::write_nifti(folder_ / (name + std::string(".nii.gz")), image);
      test::write_nifti(folder_ / (name + std::string("-mask.nii.gz")), mask);
    }
    manifest_ = write("all", {line("a", 1, "test"), line("a", 2, "zero-shot"), line("b", 1, "test")});
  }
  static nlohmann::json line(const std::string& name, int label, const std::string& split) {
    return {{"image", name + ".nii.gz"},
            {"mask", name + "-mask.nii.gz"},
            {"labels", {label}},
            {"patient", name},
            {"split", split},
            {"type", label == 1 ? "tumour" : "cyst"}};
  }
  std::filesystem::path write(const std::string& name, const std::vector<nlohmann::json>& lines) const {
    std::ofstream file(folder_ / (name + ".jsonl"));
    for (const auto& one : lines) file << one << '\n';
    return folder_ / (name + ".jsonl");
  }

  test::TempDir folder_;
  std::filesystem::path manifest_;
};

TEST_F(ManifestCases, TakeAllLinesAboutAnImageAsOneSeries) {
  const auto source = manifest_cases(manifest_, {});
  EXPECT_THAT(source.series, ElementsAre("a", "b"));
  const auto lesions = source.load(0);
  ASSERT_EQ(lesions.size(), 2U);
  EXPECT_EQ(lesions[0].id, "a/1");
  EXPECT_EQ(lesions[1].id, "a#2/1");
  EXPECT_EQ(lesions[1].group, "zero-shot");
  EXPECT_EQ(lesions[0].volume, lesions[1].volume) << "read once";
  EXPECT_TRUE(lesions[0].tried && lesions[1].tried);
}

TEST_F(ManifestCases, KeepTheLesionsOfOtherSplitsAsPlacesThatAreNotPlain) {
  const auto lesions = manifest_cases(manifest_, {"test"}).load(0);
  ASSERT_EQ(lesions.size(), 2U);
  EXPECT_TRUE(lesions[0].tried);
  EXPECT_FALSE(lesions[1].tried);
  EXPECT_THAT(manifest_cases(manifest_, {"zero-shot"}).series, ElementsAre("a"));
}

TEST_F(ManifestCases, TellOneSetOfLesionsFromAnother) {
  const auto all = manifest_cases(manifest_, {}).digest;
  EXPECT_EQ(manifest_cases(manifest_, {"test", "zero-shot"}).digest, all);
  EXPECT_NE(manifest_cases(manifest_, {"test"}).digest, all);
  EXPECT_NE(manifest_cases(write("other", {line("a", 2, "test"), line("b", 1, "test")}), {}).digest, all);
}

TEST_F(ManifestCases, SayThatThereIsNothing) {
  EXPECT_THROW(manifest_cases(manifest_, {"train"}), ConfigError);
  EXPECT_THROW(manifest_cases(manifest_, {"tests"}), ConfigError);
}

}  // namespace
}  // namespace punctum
