#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"

namespace punctum {
namespace {

/// One chest slice, stored in sixteen transfer syntaxes by its makers.
class OneSliceInManySyntaxes : public testing::TestWithParam<std::string> {
 protected:
  static std::vector<std::int16_t> decoded(const std::filesystem::path& file) {
    return read_hounsfield(test::read_file(file));
  }
};

class LosslessSyntax : public OneSliceInManySyntaxes {};
class LossySyntax : public OneSliceInManySyntaxes {};

TEST_P(LosslessSyntax, GivesExactlyTheSameHounsfieldUnits) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto reference = decoded(folder / "CTImage.dcm");
  ASSERT_EQ(reference.size(), 512u * 512u);
  const auto hu = decoded(folder / ("CTImage.dcm_" + GetParam() + ".dcm"));
  EXPECT_EQ(hu, reference);
}

TEST_P(LossySyntax, GivesNearlyTheSameHounsfieldUnits) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto reference = decoded(folder / "CTImage.dcm");
  const auto hu = decoded(folder / ("CTImage.dcm_" + GetParam() + ".dcm"));
  ASSERT_EQ(hu.size(), reference.size());
  double sum = 0;
  for (std::size_t i = 0; i < hu.size(); ++i) sum += std::abs(hu[i] - reference[i]);
  const double mean = sum / static_cast<double>(hu.size());
  EXPECT_LT(mean, GetParam().starts_with("JPEGProcess1T") ? 30.0 : 8.0) << "mean difference in HU";
  RecordProperty("mean_difference_hu", std::to_string(mean));
}

INSTANTIATE_TEST_SUITE_P(Cornerstone, LosslessSyntax,
                         testing::Values("LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2",
                                         "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1",
                                         "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
                                         "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
                                         "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
                                         "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
                                         "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
                                         "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
                                         "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90"));
INSTANTIATE_TEST_SUITE_P(Cornerstone, LossySyntax,
                         testing::Values("JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50",
                                         "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
                                         "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
                                         "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
                                         "JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81",
                                         "JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91"));

TEST(TransferSyntaxes, TruncatedCodeStreamsAreErrorsNotCrashes) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  for (const auto& file : test::dicom_files_in(folder)) {
    if (!file.filename().string().starts_with("CTImage.dcm_")) continue;
    const auto whole = test::read_file(file);
    for (const double part : {0.3, 0.6, 0.95}) {
      const auto length = static_cast<std::size_t>(static_cast<double>(whole.size()) * part);
      const ByteView cut(whole.data(), length);
      EXPECT_THROW(read_hounsfield(cut), Error) << file.filename() << " cut to " << part;
    }
  }
}

TEST(TransferSyntaxes, EnhancedCtAndColourImagesAreRefused) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  for (const auto& file : test::dicom_files_in(folder)) {
    const auto name = file.filename().string();
    if (name.starts_with("CTImage.dcm")) continue;
    EXPECT_THROW(read_hounsfield(test::read_file(file)), Error) << name;
  }
}

}  // namespace
}  // namespace punctum
