#include "dicom/dcmtk/part10.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

const std::filesystem::path shared_data = PUNCTUM_SHARED_DATA;

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

DcmDataset small_dataset() {
  DcmDataset dataset;
  check(dataset.putAndInsertString(DCM_SOPClassUID, "1.2.840.10008.5.1.4.1.1.2"), "fill");
  check(dataset.putAndInsertString(DCM_SOPInstanceUID, "2.25.4"), "fill");
  check(dataset.putAndInsertString(DCM_StudyInstanceUID, "2.25.1"), "fill");
  check(dataset.putAndInsertString(DCM_SeriesInstanceUID, "2.25.2"), "fill");
  return dataset;
}

TEST(Part10, WritesWhatItReads) {
  auto dataset = small_dataset();
  const auto file = to_part10(dataset);

  EXPECT_EQ(file.name.sop_instance_uid.str(), "2.25.4");
  EXPECT_EQ(locate_dataset(file.bytes).transfer_syntax_uid.str(), transfer_syntax::explicit_vr_little_endian);
  const auto again = parse_part10(file.bytes, Extent::whole);
  EXPECT_EQ(require_sop_instance(*again), file.name);
}

TEST(Part10, MetaInformationOfAnyInstanceIsFollowedByItsDataSet) {
  const auto ct = Uid::require(sop_class::ct_image_storage);
  const auto meta =
      file_meta_information(ct, Uid::require("2.25.77"), Uid::require("1.2.840.10008.1.2.4.70"), "SCANNER");
  const auto layout = locate_dataset(meta);
  EXPECT_EQ(layout.transfer_syntax_uid.str(), "1.2.840.10008.1.2.4.70");
  EXPECT_EQ(layout.dataset_offset, meta.size());
}

TEST(Part10, RefusesAFileWithoutPrefixAndSaysWhatIsExpected) {
  const Bytes nonsense(200);
  EXPECT_THAT([&] { parse_part10(nonsense, Extent::whole); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("DICM")));
}

TEST(Part10, ReadsTheHeaderOfEverySyntaxOfOneSlice) {
  const auto folder = shared_data / "syntax-ct-cornerstone3d";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().rfind("CTImage.dcm_", 0) != 0) continue;
    const auto dataset = parse_part10(read_file(entry.path()), Extent::header);
    EXPECT_EQ(require_uid(*dataset, DCM_SOPClassUID).str(), sop_class::ct_image_storage) << entry.path();
    EXPECT_FALSE(dataset->tagExists(DCM_PixelData)) << entry.path();
    ++seen;
  }
  EXPECT_GE(seen, 14);
}

TEST(Part10, MeetsEveryMalformedFileWithAnAnswerAndNoCrash) {
  const auto folder = shared_data / "malformed-pwnlab-fuzz";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  int read = 0, refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dcm") continue;
    try {
      parse_part10(read_file(entry.path()), Extent::whole);
      ++read;
    } catch (const DicomError&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace punctum
