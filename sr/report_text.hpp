#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// A TID 1500 report as rows for people: attribute or measurement, value, and how sure.
struct ReportRow {
  std::string name, value, certainty;
};
struct ReportTable {
  std::string title;
  std::vector<ReportRow> rows;
};
/// Reads any TID 1500 / TID 1411 report, also other makers'. One table a measurement group. @throws DicomError
std::vector<ReportTable> read_report(ByteView part10);
/// Aligned text, one table under the other.
std::string to_text(const std::vector<ReportTable>& tables);

}  // namespace punctum
