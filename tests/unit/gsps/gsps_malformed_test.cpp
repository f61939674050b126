#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcvrds.h>

#include <cstdint>

#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/gsps_builder.hpp"

/// Bytes that no honest viewer writes: each gives an Error, never a crash.
namespace punctum {
namespace {

using test::CtSliceBuilder;
using test::GspsBuilder;

Bytes good() {
  const auto slice = CtSliceBuilder{}.build();
  return GspsBuilder{}.refers_to(slice).tracking("1.2.3", "L").point(4, 5).negative_point(9, 9).build();
}

/// Reads or refuses; anything but punctum::Error ends the test.
void read_whatever(ByteView bytes) {
  try {
    for (const auto& prompt : read_point_prompts(bytes)) EXPECT_FALSE(prompt.clicks.empty());
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
  }
}

TEST(MalformedGsps, EveryTruncationIsAnErrorOrAShorterSheet) {
  const auto bytes = good();
  for (std::size_t length = 0; length < bytes.size(); ++length) read_whatever(ByteView(bytes).first(length));
}

TEST(MalformedGsps, EveryByteMayBeWrong) {
  const auto bytes = good();
  for (std::size_t at = 128; at < bytes.size(); ++at) {
    for (const unsigned char value : {0x00, 0x7f, 0xff}) {
      auto spoiled = bytes;
      spoiled[at] = static_cast<std::byte>(value);
      read_whatever(spoiled);
    }
  }
}

TEST(MalformedGsps, RandomDamageIsAnErrorOrAnotherSheet) {
  const auto bytes = good();
  std::uint32_t state = 12345;
  const auto random = [&state] { return (state = state * 1664525u + 1013904223u) >> 8; };
  for (int round = 0; round < 3000; ++round) {
    auto spoiled = bytes;
    for (int hit = 0; hit < 4; ++hit)
      spoiled[132 + random() % (spoiled.size() - 132)] = static_cast<std::byte>(random());
    read_whatever(spoiled);
  }
}

TEST(MalformedGsps, EmptySequencesAreNoPoints) {
  const auto slice = CtSliceBuilder{}.build();
  for (const auto& tag : {DCM_GraphicAnnotationSequence, DCM_ReferencedSeriesSequence, DCM_GraphicLayerSequence}) {
    const auto bytes = GspsBuilder{}
                           .refers_to(slice)
                           .point(1, 1)
                           .edit([&](DcmDataset& data) { data.insertEmptyElement(tag, OFTrue); })
                           .build();
    if (tag == DCM_GraphicLayerSequence) {
      EXPECT_EQ(read_point_prompts(bytes).size(), 1u) << "layers need not be declared";
    } else {
      EXPECT_THROW(read_point_prompts(bytes), Refusal);
    }
  }
}

TEST(MalformedGsps, CoordinatesOfAnotherVrAreRefusedNotGuessed) {
  const auto slice = CtSliceBuilder{}.build();
  const auto bytes = GspsBuilder{}
                         .refers_to(slice)
                         .point(1, 1)
                         .edit([](DcmDataset& data) {
                           DcmItem* annotation = nullptr;
                           DcmItem* graphic = nullptr;
                           ASSERT_TRUE(data.findAndGetSequenceItem(DCM_GraphicAnnotationSequence, annotation).good());
                           ASSERT_TRUE(annotation->findAndGetSequenceItem(DCM_GraphicObjectSequence, graphic).good());
                           auto* text = new DcmDecimalString(DcmTag(DCM_GraphicData, EVR_DS));
                           ASSERT_TRUE(text->putString("abc\\def").good());
                           ASSERT_TRUE(graphic->insert(text, OFTrue).good());
                         })
                         .build();
  EXPECT_THROW(read_point_prompts(bytes), Error);
}

TEST(MalformedGsps, TheWholeHostileCorpusIsSurvived) {
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
