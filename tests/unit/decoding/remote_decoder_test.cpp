#include "dicom/decoding/remote_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using testing::HasSubstr;

/// One worker for all tests: that it is used again and again is part of what they show.
RemoteDecoder& decoder() {
  static RemoteDecoder one(DecodingOptions{.program = PUNCTUM_DECODE});
  return one;
}

Bytes one_slice(const std::filesystem::path& folder, std::string_view syntax) {
  for (const auto& file : test::dicom_files_in(folder)) {
    if (file.filename().string().ends_with("_" + std::string(syntax) + ".dcm")) return test::read_file(file);
  }
  throw std::runtime_error("no slice in syntax " + std::string(syntax));
}

PixelForm form_of(ByteView file) { return read_pixel_form(*parse_part10(file, Extent::header)); }

class PackedSyntax : public testing::TestWithParam<const char*> {};

TEST_P(PackedSyntax, GivesTheVeryBytesOfThisProcess) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto file = one_slice(folder, GetParam());
  const auto form = form_of(file);
  const auto here = decode_pixels(file, form);
  EXPECT_EQ(here.size(), 512u * 512u * (form.bits_allocated / 8));
  EXPECT_EQ(decoder().pixels(file, form), here);
  EXPECT_EQ(read_hounsfield(file, decoder().decoders().pixels), read_hounsfield(file));
}

TEST_P(PackedSyntax, FailsWithTheSameWordsWhereTheCodeStreamIsCut) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto whole = one_slice(folder, GetParam());
  const auto form = form_of(whole);
  const auto cut = ByteView(whole).first(whole.size() * 6 / 10);
  EXPECT_EQ(PUNCTUM_MESSAGE_OF(DicomError, decoder().pixels(cut, form)),
            PUNCTUM_MESSAGE_OF(DicomError, decode_pixels(cut, form)));
}

INSTANTIATE_TEST_SUITE_P(Cornerstone, PackedSyntax,
                         testing::Values("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50",
                                         "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
                                         "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
                                         "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"),
                         [](const auto& syntax) {
                           std::string name = syntax.param;
                           for (auto& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(RemoteTranscoding, GivesTheVeryFileOfThisProcess) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  for (const auto* syntax : {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.57",
                             "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"}) {
    const auto file = one_slice(folder, syntax);
    for (const auto target : {transfer_syntax::explicit_vr_little_endian, transfer_syntax::implicit_vr_little_endian}) {
      EXPECT_EQ(decoder().transcode(file, target), transcoded(file, target)) << syntax << " to " << target;
    }
  }
}

TEST(RemoteTranscoding, NeedsNoWorkerForWhatIsNotPacked) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  RemoteDecoder without_program(DecodingOptions{.program = "/nowhere/punctum-decode"});
  const auto file = one_slice(folder, "1.2.840.10008.1.2.2");
  const auto target = transfer_syntax::explicit_vr_little_endian;
  EXPECT_EQ(without_program.transcode(file, target), transcoded(file, target));
}

TEST(RemoteDecoder, NamesTheProgramThatCannotBeStarted) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto file = one_slice(folder, "1.2.840.10008.1.2.5");
  const auto message = [&](const char* program) {
    RemoteDecoder decoder(DecodingOptions{.program = program});
    return PUNCTUM_MESSAGE_OF(DicomError, decoder.pixels(file, form_of(file)));
  };
  EXPECT_THAT(message("/nowhere/punctum-decode"), HasSubstr("cannot start decoder /nowhere/punctum-decode"));
  EXPECT_THAT(message("/bin/true"), HasSubstr("ended by itself (exit code 0)"));
}

}  // namespace
}  // namespace punctum
