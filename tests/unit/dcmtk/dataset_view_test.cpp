#include "dicom/dcmtk/dataset_view.hpp"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom/dcmtk/check.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

void put(DcmItem& item, const DcmTagKey& tag, const char* value) { check(item.putAndInsertString(tag, value), "fill"); }

TEST(DatasetView, AbsentAndEmptyAreNothing) {
  DcmDataset dataset;
  put(dataset, DCM_StudyID, "");
  EXPECT_EQ(read_text(dataset, DCM_StudyID), std::nullopt);
  EXPECT_EQ(read_uid(dataset, DCM_StudyInstanceUID), std::nullopt);
  EXPECT_THAT(read_numbers(dataset, DCM_PixelSpacing), testing::IsEmpty());
}

TEST(DatasetView, ReadsEveryValueOfADecimalString) {
  DcmDataset dataset;
  put(dataset, DCM_PixelSpacing, "0.5 \\+7.5E-1");
  EXPECT_THAT(read_numbers(dataset, DCM_PixelSpacing), testing::ElementsAre(0.5, 0.75));
}

TEST(DatasetView, NamesTheAttributeThatIsNoNumber) {
  DcmDataset dataset;
  put(dataset, DCM_SliceThickness, "thick");
  EXPECT_THAT([&] { read_number(dataset, DCM_SliceThickness); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("(0018,0050) SliceThickness")));
}

TEST(DatasetView, RefusesInfinity) {
  DcmDataset dataset;
  put(dataset, DCM_SliceThickness, "inf");
  EXPECT_THROW(read_number(dataset, DCM_SliceThickness), DicomError);
}

TEST(DatasetView, NeverRepeatsAMalformedUidInItsMessage) {
  DcmDataset dataset;
  put(dataset, DCM_StudyInstanceUID, "../../etc");
  EXPECT_THAT([&] { read_uid(dataset, DCM_StudyInstanceUID); },
              testing::ThrowsMessage<DicomError>(testing::Not(testing::HasSubstr("etc"))));
}

TEST(Utf8Reader, ConvertsLatin1) {
  DcmDataset dataset;
  put(dataset, DCM_SpecificCharacterSet, "ISO_IR 100");
  put(dataset, DCM_PatientName, "M\xfcller^J\xf6rg");
  EXPECT_EQ(Utf8Reader(dataset).read(dataset, DCM_PatientName), "Müller^Jörg");
}

TEST(Utf8Reader, ConvertsJapaneseWithCodeExtensions) {
  DcmDataset dataset;
  put(dataset, DCM_SpecificCharacterSet, "\\ISO 2022 IR 87");
  put(dataset, DCM_PatientName, "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B");
  EXPECT_EQ(Utf8Reader(dataset).read(dataset, DCM_PatientName), "Yamada^Tarou=山田^太郎");
}

TEST(Utf8Reader, TakesAsciiForWhatItMeansInEachCharacterSet) {
  std::string ascii;
  for (char c = '!'; c < 0x7f; ++c) {
    if (c != '\\') ascii += c;  // a delimiter, which begins in the initial character set again
  }
  for (const char* name : {"",
                           "ISO_IR 6",
                           "ISO_IR 13",
                           "ISO_IR 100",
                           "ISO_IR 101",
                           "ISO_IR 109",
                           "ISO_IR 110",
                           "ISO_IR 126",
                           "ISO_IR 127",
                           "ISO_IR 138",
                           "ISO_IR 144",
                           "ISO_IR 148",
                           "ISO_IR 166",
                           "ISO_IR 192",
                           "ISO_IR 203",
                           "GB18030",
                           "GBK",
                           "ISO 2022 IR 13\\ISO 2022 IR 87",
                           "\\ISO 2022 IR 149",
                           "ISO 2022 IR 6\\ISO 2022 IR 87",
                           "ISO 2022 IR 100\\ISO 2022 IR 126"}) {
    DcmDataset dataset;
    put(dataset, DCM_SpecificCharacterSet, name);
    put(dataset, DCM_StudyDescription, ascii.c_str());
    DcmSpecificCharacterSet character_set;
    OFString by_dcmtk;
    ASSERT_TRUE(character_set.selectCharacterSet(name, "ISO_IR 192").good()) << name;
    ASSERT_TRUE(character_set.convertString(ascii, by_dcmtk).good()) << name;
    EXPECT_EQ(Utf8Reader(dataset).read(dataset, DCM_StudyDescription), std::string(by_dcmtk)) << name;
  }
}

TEST(Utf8Reader, GivesUtf8AlsoWhereTheDataSetIsWrongAboutIt) {
  for (const auto& [raw, text] : {std::pair{"M\xc3\xbcller", "Müller"},
                                  {"M\xfcller", "M?ller"},
                                  {"\xfe\xff", "??"},
                                  {"a\xed\xa0\x80z", "a???z"},
                                  {"\x80", "?"},
                                  {"\xc0\xaf", "??"},
                                  {"x\xe5\xb1", "x??"}}) {
    DcmDataset dataset;
    put(dataset, DCM_SpecificCharacterSet, "ISO_IR 192");
    put(dataset, DCM_PatientName, raw);
    EXPECT_EQ(Utf8Reader(dataset).read(dataset, DCM_PatientName), text);
  }
}

TEST(Utf8Reader, ReplacesBytesThatHaveNoCharacterSet) {
  DcmDataset dataset;
  put(dataset, DCM_PatientName, "M\xfcller");
  const auto name = Utf8Reader(dataset).read(dataset, DCM_PatientName);
  ASSERT_TRUE(name.has_value());
  for (const char c : *name) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

}  // namespace
}  // namespace punctum
