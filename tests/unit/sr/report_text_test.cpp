#include "sr/report_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/sr/report_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

const ReportRow* row_named(const ReportTable& table, std::string_view name) {
  const auto found =
      std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row.name == name; });
  return found == table.rows.end() ? nullptr : &*found;
}

TEST(ReportText, ReadsOwnReportIntoRows) {
  const auto tables = read_report(written_result().sr.bytes);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].title, "Lesion 1, round 1");
  ASSERT_NE(row_named(tables[0], "Shape"), nullptr);
  EXPECT_EQ(row_named(tables[0], "Shape")->value, "Punctate, nodular");
  EXPECT_EQ(row_named(tables[0], "Shape")->certainty, "80 %");
  EXPECT_EQ(row_named(tables[0], "Volume")->value, "642.125 mm³ (0.64 ml)");
  EXPECT_EQ(row_named(tables[0], "Attenuation Coefficient (Mean)")->value, "-12.5 HU");
}

TEST(ReportText, LinesUpColumns) {
  const auto text = to_text({{"A title", {{"Short", "x", "80 %"}, {"A longer name", "y", ""}}}});
  const auto line_with = [&](std::string_view word) {
    const auto at = text.find(word);
    const auto start = text.rfind('\n', at) + 1;
    return text.substr(start, text.find('\n', at) - start);
  };
  EXPECT_EQ(line_with("Short").find('x'), line_with("A longer name").find('y'));
  EXPECT_TRUE(line_with("Short").ends_with("80 %"));
}

TEST(ReportText, TerminalCommandsOfForeignReportsStayHarmless) {
  const auto text = to_text({{"Title\x1b[2J", {{"Name\n", "one\r\ntwo\x07", ""}}}});
  EXPECT_EQ(text.find_first_of("\x1b\r\x07"), std::string::npos);
  EXPECT_NE(text.find("one two"), std::string::npos);
}

TEST(ReportText, ReadsAReportOfDcmqi) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-dcmqi/sr-example");
  const auto tables = read_report(read_file(folder / "sr.dcm"));
  ASSERT_FALSE(tables.empty());
  EXPECT_GT(tables[0].rows.size(), 5u);
  const auto text = to_text(tables);
  EXPECT_NE(text.find("Finding"), std::string::npos);
}

TEST(ReportText, ReadsReportsOfHighdicom) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-highdicom");
  EXPECT_EQ(read_report(read_file(folder / "sr_document.dcm")).size(), 1u);
  EXPECT_GT(read_report(read_file(folder / "sr_document_with_multiple_groups.dcm")).size(), 1u);
}

TEST(ReportText, RefusesWhatIsNoReport) {
  const auto result = written_result();
  EXPECT_THROW(read_report(result.seg.bytes), DicomError);
}

}  // namespace
}  // namespace punctum
