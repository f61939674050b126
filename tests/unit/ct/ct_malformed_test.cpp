#include <gtest/gtest.h>

#include <cstdint>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/files.hpp"

/// Bytes that no scanner writes: each gives an Error or some image, never a crash.
namespace punctum {
namespace {

void read_whatever(ByteView bytes) {
  try {
    const auto header = read_ct_slice_header(bytes);
    EXPECT_GT(header.placed.plane.rows, 0);
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
  }
  try {
    EXPECT_FALSE(read_hounsfield(bytes).empty());
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
  }
}

class Damage {
 public:
  void hit(Bytes& bytes, std::size_t from, int times) {
    for (int i = 0; i < times; ++i) bytes[from + next() % (bytes.size() - from)] = static_cast<std::byte>(next());
  }

 private:
  std::uint32_t next() { return (state_ = state_ * 1664525u + 1013904223u) >> 8; }
  std::uint32_t state_ = 4711;
};

TEST(MalformedCt, EveryTruncationIsAnError) {
  const auto slice = test::CtSliceBuilder{}.size(4, 4).build();
  for (std::size_t length = 0; length < slice.bytes().size(); ++length) {
    EXPECT_THROW(read_hounsfield(ByteView(slice.bytes()).first(length)), Error) << length;
  }
}

TEST(MalformedCt, DamagedAttributesAreErrorsOrOtherImages) {
  const auto slice = test::CtSliceBuilder{}.size(4, 4).build();
  Damage damage;
  for (int round = 0; round < 3000; ++round) {
    auto spoiled = slice.bytes();
    damage.hit(spoiled, 132, 3);
    read_whatever(spoiled);
  }
}

TEST(MalformedCt, DamagedCodeStreamsAreErrorsOrOtherImages) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  Damage damage;
  for (const auto& file : test::dicom_files_in(folder)) {
    if (!file.filename().string().starts_with("CTImage.dcm_")) continue;
    const auto whole = test::read_file(file);
    for (const int hits : {1, 30, 1000}) {
      auto spoiled = whole;
      damage.hit(spoiled, 4096, hits);
      SCOPED_TRACE(file.filename().string() + ", " + std::to_string(hits) + " bytes");
      read_whatever(spoiled);
    }
    auto emptied = whole;  // the second half of the code stream is gone, the lengths still fit
    std::fill(emptied.begin() + static_cast<std::ptrdiff_t>(emptied.size() / 2), emptied.end() - 8, std::byte{0});
    read_whatever(emptied);
  }
}

TEST(MalformedCt, TheHeadOfTheCodeStreamMayLie) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  Damage damage;
  for (const auto* name : {"CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm",
                           "CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm",
                           "CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm",
                           "CTImage.dcm_JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50.dcm",
                           "CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm"}) {
    const auto whole = test::read_file(folder / name);
    const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
    const auto pixels = text.find(std::string_view("\xe0\x7f\x10\x00", 4));
    ASSERT_NE(pixels, std::string_view::npos) << name;
    for (int round = 0; round < 60; ++round) {
      auto spoiled = whole;
      Bytes head(spoiled.begin() + static_cast<std::ptrdiff_t>(pixels),
                 spoiled.begin() + static_cast<std::ptrdiff_t>(pixels) + 160);
      damage.hit(head, 0, 2);
      std::copy(head.begin(), head.end(), spoiled.begin() + static_cast<std::ptrdiff_t>(pixels));
      SCOPED_TRACE(name);
      read_whatever(spoiled);
    }
  }
}

TEST(MalformedCt, TheWholeHostileCorpusIsSurvived) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("malformed-pwnlab-fuzz");
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    read_whatever(test::read_file(entry.path()));
    ++files;
  }
  EXPECT_GT(files, 500);
}

}  // namespace
}  // namespace punctum
