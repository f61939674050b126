#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/types/sop_instance.hpp"

/// Typed reads from a data set. Absence is nothing, not an error; a value that is there but malformed throws.
namespace punctum {

/// The element's text, padding trimmed, in the data set's own character set; nothing if absent or empty.
std::optional<std::string> read_text(DcmItem& item, const DcmTagKey& tag);
/// Its values, split at the backslash, each trimmed; empty if absent.
std::vector<std::string> read_values(DcmItem& item, const DcmTagKey& tag);
/// @throws DicomError if the text is no UID.
std::optional<Uid> read_uid(DcmItem& item, const DcmTagKey& tag);
/// DS, IS, FL, FD, US, ...: all values. @throws DicomError naming the tag if one is no finite number.
std::vector<double> read_numbers(DcmItem& item, const DcmTagKey& tag);
std::optional<double> read_number(DcmItem& item, const DcmTagKey& tag);  ///< the first value
/// The items of a sequence, so many at most; empty if absent. Pointers live as long as the item. Takes time by their
/// number: DCMTK's getItem(i) and getElement(i) count from the first each time.
std::vector<DcmItem*> read_items(DcmItem& item, const DcmTagKey& tag, std::size_t most = SIZE_MAX);
std::vector<DcmItem*> items_of(DcmSequenceOfItems& sequence, std::size_t most = SIZE_MAX);

Uid require_uid(DcmItem& item, const DcmTagKey& tag);           ///< @throws DicomError if absent
std::string require_text(DcmItem& item, const DcmTagKey& tag);  ///< @throws DicomError if absent
std::vector<double> require_numbers(DcmItem& item, const DcmTagKey& tag, std::size_t count);
/// A whole number from 1 to `most`. @param otherwise where it is absent or empty; none: then it is an error.
/// @throws DicomError naming what was found
std::uint32_t require_count(DcmItem& item, const DcmTagKey& tag, std::optional<std::uint32_t> otherwise,
                            std::uint32_t most);
SopInstance require_sop_instance(DcmItem& dataset);  ///< the four type 1 identifiers

/// "(0020,0032) ImagePositionPatient", for messages.
std::string describe(const DcmTagKey& tag);

/// Converts text to UTF-8 by the Specific Character Set (0008,0005) of the data set (PS3.5 6.1.2.5). Bytes that cannot
/// be converted become '?', and so do those that are no UTF-8 in what says that it is: the result always is. One thread
/// at a time.
class Utf8Reader {
 public:
  explicit Utf8Reader(DcmItem& dataset);
  ~Utf8Reader();
  /// Several values keep their backslash. @param most bytes of it, in its own character set, are looked at.
  std::optional<std::string> read(DcmItem& item, const DcmTagKey& tag, std::size_t most = SIZE_MAX) const;
  std::optional<std::string> read(DcmElement& element, std::size_t most = SIZE_MAX) const;
  std::string convert(std::string_view text, std::string_view delimiters) const;

 private:
  struct Converter;
  std::unique_ptr<Converter> converter_;
};

}  // namespace punctum
