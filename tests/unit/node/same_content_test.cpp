#include "node/ingest/same_content.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <gtest/gtest.h>

#include "dicom/types/error.hpp"
#include "storage/event_store.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

/// With a sequence, and a private element that only its writer knows.
Part10File original() {
  auto dataset = parse_part10(CtSliceBuilder{}.build().file.bytes, Extent::whole);
  DcmItem* item = nullptr;
  dataset->findOrCreateSequenceItem(DCM_ReferencedImageSequence, item, 0);
  item->putAndInsertString(DCM_ReferencedSOPInstanceUID, "1.2.3");
  dataset->findOrCreateSequenceItem(DCM_ReferencedImageSequence, item, 1);
  item->putAndInsertString(DCM_ReferencedSOPInstanceUID, "1.2.4");
  dataset->putAndInsertString(DcmTag(0x0009, 0x0010, EVR_LO), "MAKER");
  dataset->putAndInsertString(DcmTag(0x0009, 0x1001, EVR_SH), "secret");
  return to_part10(*dataset);
}

Bytes written(DcmDataset& dataset, E_TransferSyntax syntax, E_EncodingType lengths, E_GrpLenEncoding groups) {
  DcmFileFormat file(&dataset, OFTrue);
  Bytes bytes(4 << 20);
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  if (file.write(stream, syntax, lengths, nullptr, groups).bad()) throw DicomError("cannot write");
  file.transferEnd();
  void* begin = nullptr;
  offile_off_t size = 0;
  stream.flushBuffer(begin, size);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

Bytes encoded_again(E_TransferSyntax syntax, E_EncodingType lengths, E_GrpLenEncoding groups = EGL_withoutGL) {
  const auto dataset = parse_part10(original().bytes, Extent::whole);
  return written(*dataset, syntax, lengths, groups);
}

Bytes changed(const std::function<void(DcmDataset&)>& change) {
  const auto dataset = parse_part10(original().bytes, Extent::whole);
  change(*dataset);
  return written(*dataset, EXS_LittleEndianExplicit, EET_ExplicitLength, EGL_withoutGL);
}

TEST(SameContent, SeesThroughLengthsGroupLengthsAndUncompressedTransferSyntaxes) {
  const auto first = original().bytes;
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit}) {
    for (const auto lengths : {EET_ExplicitLength, EET_UndefinedLength}) {
      for (const auto groups : {EGL_withoutGL, EGL_withGL}) {
        const auto again = encoded_again(syntax, lengths, groups);
        EXPECT_TRUE(same_content(first, again)) << syntax << " " << lengths << " " << groups;
        EXPECT_TRUE(same_content(again, first)) << syntax << " " << lengths << " " << groups;
      }
    }
  }
}

TEST(SameContent, SeesThroughLosslessCompression) {
  DcmRLEEncoderRegistration::registerCodecs();
  const auto dataset = parse_part10(original().bytes, Extent::whole);
  const DcmRLERepresentationParameter rle;
  ASSERT_TRUE(dataset->chooseRepresentation(EXS_RLELossless, &rle).good());
  const auto compressed = written(*dataset, EXS_RLELossless, EET_UndefinedLength, EGL_withoutGL);
  EXPECT_TRUE(same_content(original().bytes, compressed));
  EXPECT_TRUE(same_content(compressed, original().bytes));
  EXPECT_TRUE(same_content(compressed, compressed));
  DcmRLEEncoderRegistration::cleanup();
}

TEST(SameContent, IsNotFooledByOneChangedValue) {
  const auto first = original().bytes;
  EXPECT_TRUE(same_content(first, changed([](DcmDataset&) {})));
  EXPECT_FALSE(same_content(first, changed([](DcmDataset& d) { d.putAndInsertString(DCM_PatientName, "Other"); })));
  EXPECT_FALSE(same_content(first, changed([](DcmDataset& d) { d.findAndDeleteElement(DCM_InstanceNumber); })));
  EXPECT_FALSE(same_content(first, changed([](DcmDataset& d) { d.putAndInsertString(DCM_ImageComments, "new"); })));
  EXPECT_FALSE(same_content(first, changed([](DcmDataset& d) {
                              DcmItem* item = nullptr;
                              d.findOrCreateSequenceItem(DCM_ReferencedImageSequence, item, 1);
                              item->putAndInsertString(DCM_ReferencedSOPInstanceUID, "1.2.5");
                            })));
  EXPECT_FALSE(same_content(
      first, changed([](DcmDataset& d) { d.putAndInsertString(DcmTag(0x0009, 0x1001, EVR_SH), "other"); })));
  EXPECT_FALSE(same_content(first, changed([](DcmDataset& d) {
                              DcmElement* pixels = nullptr;
                              Uint16* values = nullptr;
                              d.findAndGetElement(DCM_PixelData, pixels);
                              pixels->getUint16Array(values);
                              values[17] ^= 1;
                            })));
}

TEST(SameContent, WhatIsNoDicomIsNotTheSame) {
  const Bytes garbage(1000, std::byte{1});
  EXPECT_FALSE(same_content(garbage, garbage));
  EXPECT_FALSE(same_content(original().bytes, garbage));
}

}  // namespace
}  // namespace punctum::test
