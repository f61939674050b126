#include "dicom/dcmtk/jpeg_2000.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <gmock/gmock.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/largest_allocation.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

struct Picture {
  unsigned columns = 24, rows = 20, samples = 1, bits = 8;
  std::vector<int> values;  // [pixel * samples + sample]

  static Picture of(unsigned samples, unsigned bits, int seed) {
    Picture picture{24, 20, samples, bits, {}};
    for (unsigned i = 0; i < 24 * 20 * samples; ++i) {
      picture.values.push_back((seed + static_cast<int>(i * i * 7)) & ((1 << bits) - 1));
    }
    return picture;
  }
};

struct Sink {
  Bytes bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T write_sink(void* buffer, OPJ_SIZE_T count, void* user) {
  auto& sink = *static_cast<Sink*>(user);
  sink.bytes.resize(std::max(sink.bytes.size(), sink.at + count));
  std::memcpy(sink.bytes.data() + sink.at, buffer, count);
  sink.at += count;
  return count;
}
OPJ_OFF_T skip_sink(OPJ_OFF_T count, void* user) {
  static_cast<Sink*>(user)->at += static_cast<std::size_t>(count);
  return count;
}
OPJ_BOOL seek_sink(OPJ_OFF_T position, void* user) {
  static_cast<Sink*>(user)->at = static_cast<std::size_t>(position);
  return OPJ_TRUE;
}

/// A lossless code stream; three samples are transformed as colours are (YBR_RCT).
Bytes code_stream(const Picture& picture) {
  std::vector<opj_image_cmptparm_t> parts(picture.samples);
  for (auto& part : parts) {
    part = {};
    part.dx = part.dy = 1, part.w = picture.columns, part.h = picture.rows, part.prec = picture.bits;
  }
  auto* image =
      opj_image_create(picture.samples, parts.data(), picture.samples == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
  image->x1 = picture.columns, image->y1 = picture.rows;
  for (unsigned i = 0; i < picture.columns * picture.rows; ++i) {
    for (unsigned s = 0; s < picture.samples; ++s) image->comps[s].data[i] = picture.values[i * picture.samples + s];
  }
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 3;
  parameters.tcp_mct = picture.samples == 3 ? 1 : 0;
  auto* codec = opj_create_compress(OPJ_CODEC_J2K);
  Sink sink;
  auto* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_user_data(stream, &sink, nullptr);
  opj_stream_set_write_function(stream, write_sink);
  opj_stream_set_skip_function(stream, skip_sink);
  opj_stream_set_seek_function(stream, seek_sink);
  const bool done = opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream) &&
                    opj_encode(codec, stream) && opj_end_compress(codec, stream);
  EXPECT_TRUE(done);
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return sink.bytes;
}

void put_pictures(DcmItem& item, const std::vector<Picture>& frames, unsigned fragments) {
  const auto& first = frames.front();
  const bool color = first.samples == 3;
  item.putAndInsertString(DCM_PhotometricInterpretation, color ? "YBR_RCT" : "MONOCHROME2");
  item.putAndInsertUint16(DCM_SamplesPerPixel, static_cast<Uint16>(first.samples));
  if (color) item.putAndInsertUint16(DCM_PlanarConfiguration, 0);
  item.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(first.rows));
  item.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(first.columns));
  const auto allocated = static_cast<Uint16>(first.bits > 8 ? 16 : 8);
  item.putAndInsertUint16(DCM_BitsAllocated, allocated);
  item.putAndInsertUint16(DCM_BitsStored, static_cast<Uint16>(first.bits));
  item.putAndInsertUint16(DCM_HighBit, static_cast<Uint16>(first.bits - 1));
  item.putAndInsertUint16(DCM_PixelRepresentation, 0);
  item.putAndInsertString(DCM_NumberOfFrames, std::to_string(frames.size()).c_str());
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelData, EVR_OB));
  auto* table = new DcmPixelItem(DcmTag(DCM_PixelItemTag, EVR_OB));
  sequence->insert(table);
  DcmOffsetList offsets;
  for (const auto& frame : frames) {
    auto stream = code_stream(frame);
    stream.resize(stream.size() + stream.size() % 2);
    const auto piece = fragments == 1 ? 0 : static_cast<Uint32>((stream.size() / fragments / 2 * 2) / 1024 + 1);
    sequence->storeCompressedFrame(offsets, reinterpret_cast<Uint8*>(stream.data()), static_cast<Uint32>(stream.size()),
                                   piece);
  }
  table->createOffsetTable(offsets);
  auto* pixels = new DcmPixelData(DCM_PixelData);
  pixels->putOriginalRepresentation(EXS_JPEG2000LosslessOnly, nullptr, sequence);
  item.insert(pixels, true);
}

/// An object whose frames are these pictures, each in `fragments` pieces.
Bytes object_of(const std::vector<Picture>& frames, unsigned fragments = 1,
                const std::function<void(DcmDataset&)>& change = {}) {
  DcmDataset dataset;
  dataset.putAndInsertString(DCM_SOPClassUID, "1.2.840.10008.5.1.4.1.1.7.4");
  dataset.putAndInsertString(DCM_SOPInstanceUID, "2.25.77");
  dataset.putAndInsertString(DCM_StudyInstanceUID, "2.25.78");
  dataset.putAndInsertString(DCM_SeriesInstanceUID, "2.25.79");
  put_pictures(dataset, frames, fragments);
  if (change) change(dataset);
  return to_part10(dataset, EXS_JPEG2000LosslessOnly).bytes;
}

std::vector<int> values_in(DcmDataset& dataset, bool bytes) {
  DcmElement* element = nullptr;
  EXPECT_TRUE(dataset.findAndGetElement(DCM_PixelData, element).good());
  std::vector<int> values;
  if (bytes) {
    Uint8* octets = nullptr;
    EXPECT_TRUE(element->getUint8Array(octets).good());
    values.assign(octets, octets + element->getLength());
  } else {
    Uint16* words = nullptr;
    EXPECT_TRUE(element->getUint16Array(words).good());
    values.assign(words, words + element->getLength() / 2);
  }
  return values;
}

class Jpeg2000 : public testing::TestWithParam<std::tuple<unsigned, unsigned, unsigned>> {};

TEST_P(Jpeg2000, FramesComeBackToTheLastBit) {
  const auto [samples, bits, fragments] = GetParam();
  const std::vector frames{Picture::of(samples, bits, 1), Picture::of(samples, bits, 5), Picture::of(samples, bits, 9)};
  const auto unpacked = transcoded(object_of(frames, fragments), transfer_syntax::explicit_vr_little_endian);
  const auto dataset = parse_part10(unpacked, Extent::whole);
  std::vector<int> wanted;
  for (const auto& frame : frames) wanted.insert(wanted.end(), frame.values.begin(), frame.values.end());
  EXPECT_EQ(values_in(*dataset, bits == 8), wanted);
  OFString photometric;
  dataset->findAndGetOFString(DCM_PhotometricInterpretation, photometric);
  EXPECT_EQ(photometric, samples == 3 ? "RGB" : "MONOCHROME2");
}

INSTANTIATE_TEST_SUITE_P(Pictures, Jpeg2000,
                         testing::Combine(testing::Values(1U, 3U), testing::Values(8U, 12U), testing::Values(1U, 3U)));

TEST(Jpeg2000Codec, RefusesAStreamOfAnotherImageThanTheHeaderSays) {
  auto narrow = Picture::of(1, 8, 1);
  narrow.columns = 20, narrow.rows = 24;  // as many pixels
  const auto file = object_of({Picture::of(1, 8, 1), narrow});
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, transcoded(file, transfer_syntax::explicit_vr_little_endian)),
              HasSubstr("20 x 24"));
}

TEST(Jpeg2000Codec, RefusesANumberOfFramesThatIsNotThatOfTheStreams) {
  const auto file = object_of({Picture::of(1, 8, 1), Picture::of(1, 8, 5)});
  for (const auto& [frames, complaint] :
       {std::pair{"0", "whole number from 1"}, std::pair{"3", "found 2 code streams"}}) {
    const auto dataset = parse_part10(file, Extent::whole);
    ASSERT_TRUE(dataset->putAndInsertString(DCM_NumberOfFrames, frames).good());
    const auto other = to_part10(*dataset, EXS_JPEG2000LosslessOnly).bytes;
    EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, transcoded(other, transfer_syntax::explicit_vr_little_endian)),
                HasSubstr(complaint));
  }
}

TEST(Jpeg2000Codec, RefusesADamagedStream) {
  auto stream = code_stream(Picture::of(1, 8, 1));
  stream.resize(stream.size() / 2);
  Bytes pixels(24 * 20);
  EXPECT_THROW(decode_jpeg_2000(stream, {20, 24, 1, 8}, pixels), DicomError);
  EXPECT_THROW(decode_jpeg_2000({}, {20, 24, 1, 8}, pixels), DicomError);
}

TEST(Jpeg2000Codec, BoundsTheImagesWithinAnObject) {
  const auto with_icon = [](unsigned side) {
    return object_of({Picture::of(1, 8, 1)}, 1, [&](DcmDataset& dataset) {
      DcmItem* icon = nullptr;
      ASSERT_TRUE(dataset.findOrCreateSequenceItem(DCM_IconImageSequence, icon, -2).good());
      put_pictures(*icon, {Picture::of(1, 8, 1)}, 1);
      icon->putAndInsertUint16(DCM_Rows, static_cast<Uint16>(side));
      icon->putAndInsertUint16(DCM_Columns, static_cast<Uint16>(side));
    });
  };
  const auto complaint = [&](unsigned side) {
    return PUNCTUM_MESSAGE_OF(DicomError, transcoded(with_icon(side), transfer_syntax::explicit_vr_little_endian));
  };
  const test::LargestAllocation largest;
  EXPECT_THAT(complaint(65535), HasSubstr("4095 MiB of pixels, expected at most 1024"));
  EXPECT_THAT(complaint(8000), HasSubstr("24 x 20 pixels, the header says 8000 x 8000"));
  EXPECT_LT(largest.bytes(), std::size_t{4} << 20) << "memory was taken before the stream was looked at";
}

/// A code stream's head: an image of 24 x 20 from (left, 0) on, in tiles so wide.
Bytes head(std::uint8_t left, std::uint8_t tile_columns) {
  const auto text = "\xff\x4f\xff\x51\x00\x29\x00\x00"s  // SOC, SIZ, length, capabilities
                    + "\0\0\0\x18\0\0\0\x14"s            // to (24, 20)
                    + "\0\0\0"s + static_cast<char>(left) + "\0\0\0\0"s + "\0\0\0"s + static_cast<char>(tile_columns) +
                    "\0\0\0\x14"s + "\0\0\0\0\0\0\0\0\0\x01\x07\x01\x01"s;  // tiles from (0, 0) on, one component
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Jpeg2000Codec, LooksAtTheHeadOfAStreamBeforeItTakesMemory) {
  Bytes pixels(24 * 20);
  const auto complaint = [&](const Bytes& stream, unsigned samples = 1) {
    return PUNCTUM_MESSAGE_OF(DicomError, decode_jpeg_2000(stream, {20, 24, samples, 8}, pixels));
  };
  EXPECT_THAT(complaint(head(0, 24)), HasSubstr("damaged")) << "the head alone is fine";
  EXPECT_THAT(complaint(head(0, 0)), HasSubstr("0 tiles, expected 1 to 4096"));
  EXPECT_THAT(complaint(head(2, 24)), HasSubstr("holds 22 x 20 pixels, the header says 24 x 20"));
  EXPECT_THAT(complaint(head(25, 24)), HasSubstr("negative size"));
  auto colours = head(0, 24);
  colours[41] = std::byte{3};
  EXPECT_THAT(complaint(colours), HasSubstr("expected 1 components, found 3"));
  auto many = head(0, 24);
  for (const std::size_t at : {8U, 12U}) many[at] = std::byte{1};  // 2^24 and more a side
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, require_jpeg_2000_form(many, {(1U << 24) + 20, (1U << 24) + 24, 1, 8})),
              HasSubstr("tiles, expected 1 to 4096"));
}

}  // namespace
}  // namespace punctum
