#include "inference/datasets/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

std::vector<ManifestEntry> parse(const std::string& text) { return parse_manifest(text, "/data", "m.jsonl"); }
std::string refusal(const std::string& text) { return PUNCTUM_MESSAGE_OF(ConfigError, parse(text)); }

const std::string minimal = R"({"image": "a.nii.gz", "mask": "b.nii.gz", "patient": "1", "split": "test"})";

TEST(Manifest, PathsCountFromItsOwnFolder) {
  const auto entries = parse("# a remark\n\n" + minimal + "\n");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].image, "/data/a.nii.gz");
  EXPECT_EQ(entries[0].mask, "/data/b.nii.gz");
  EXPECT_EQ(entries[0].split, Split::test);
  EXPECT_EQ(entries[0].labels, std::vector{1});
  EXPECT_EQ(entries[0].attributes[0], attribute_unknown);
}

TEST(Manifest, ReadsWhatItWrites) {
  ManifestEntry entry;
  entry.image = "/data/deep/ct";
  entry.mask = "/data/deep/rs.dcm";
  entry.roi = "GTV";
  entry.lesions = LesionsAre::one;
  entry.name = "case one";
  entry.patient = "P1";
  entry.type = "kidney cyst";
  entry.attributes = {0, attribute_measured, attribute_unknown, 1, 0};
  entry.split = Split::zero_shot;
  entry.licence = "CC-BY-4.0";
  const auto read = parse(manifest_text({entry}, "/data"));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].image, entry.image);
  EXPECT_EQ(read[0].mask, entry.mask);
  EXPECT_EQ(read[0].roi, entry.roi);
  EXPECT_EQ(read[0].lesions, entry.lesions);
  EXPECT_EQ(read[0].name, entry.name);
  EXPECT_EQ(read[0].patient, entry.patient);
  EXPECT_EQ(read[0].type, entry.type);
  EXPECT_EQ(read[0].attributes, entry.attributes);
  EXPECT_EQ(read[0].split, entry.split);
  EXPECT_EQ(read[0].licence, entry.licence);
}

TEST(Manifest, NamesLineAndPointerOfWhatItRefuses) {
  const auto with = [](const std::string& field) {
    return minimal + "\n" + R"({"image": "a", "mask": "b", "patient": "2", "split": "test", )" + field + "}";
  };
  EXPECT_THAT(refusal(with(R"("labls": [1])")), testing::HasSubstr("m.jsonl line 2, /labls"));
  EXPECT_THAT(refusal(with(R"("labels": [1, 0])")), testing::HasSubstr("/labels/1: found 0"));
  EXPECT_THAT(refusal(with(R"("lesions": "many")")), testing::HasSubstr("/lesions: found \"many\""));
  EXPECT_THAT(refusal(with(R"("attributes": {"Shape": "Square"})")), testing::HasSubstr("/attributes/Shape"));
  EXPECT_THAT(refusal(with(R"("attributes": {"Colour": "unknown"})")), testing::HasSubstr("/attributes/Colour"));
  EXPECT_THAT(refusal(R"({"mask": "b", "patient": "2", "split": "test"})"),
              testing::HasSubstr("/image: found nothing"));
  EXPECT_THAT(refusal(R"({"image": "a", "mask": "b", "patient": "2", "split": "dev"})"), testing::HasSubstr("/split"));
  EXPECT_THAT(refusal("[1]"), testing::HasSubstr("line 1: found [1]"));
  EXPECT_THAT(refusal("{"), testing::HasSubstr("no JSON"));
}

TEST(Manifest, RefusesALesionInTwoLines) {
  const auto line = [](const char* labels, const char* split, const char* patient) {
    return std::string(R"({"image": "a.nii.gz", "mask": "b.nii.gz", "labels": )") + labels + R"(, "patient": ")" +
           patient + R"(", "split": ")" + split + "\"}\n";
  };
  EXPECT_EQ(parse(line("[1]", "test", "1") + line("[2]", "zero-shot", "1")).size(), 2U) << "tumour and cyst";
  EXPECT_THAT(refusal(minimal + "\n" + minimal), testing::HasSubstr("has the same lesions twice"));
  EXPECT_THAT(refusal(line("[1]", "test", "1") + line("[2, 1]", "test", "1")), testing::HasSubstr("twice"));
  EXPECT_THAT(refusal(line("[1, 1]", "test", "1")), testing::HasSubstr("twice"));
  EXPECT_THAT(refusal(line("[1]", "train", "1") + line("[2]", "test", "2")),
              testing::HasSubstr("has its image in train"));
}

TEST(Manifest, RefusesAPatientThatIsTrainedAndTested) {
  const auto message =
      refusal(minimal + "\n" + R"({"image": "c", "mask": "d", "patient": "1", "case": "other", "split": "train"})");
  EXPECT_THAT(message, testing::HasSubstr("test and in train"));
  const auto of_split = [](const std::string& split) {
    return minimal + "\n" + R"({"image": "c", "mask": "d", "patient": "1", "case": "other", "split": ")" + split +
           "\"}";
  };
  EXPECT_THAT(refusal(of_split("validation")), testing::HasSubstr("test and in validation"));
  EXPECT_EQ(parse(of_split("zero-shot")).size(), 2U) << "both are only tested on";
}

}  // namespace
}  // namespace punctum
