#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <string_view>
#include <vector>

#include "dicom/types/coded_concept.hpp"
#include "dicom/types/uid.hpp"

/// Writing single elements. Every function throws DicomError naming the attribute if DCMTK refuses the value.
namespace punctum {

void put(DcmItem& item, const DcmTagKey& tag, std::string_view text);
void put(DcmItem& item, const DcmTagKey& tag, const Uid& uid);
void put_us(DcmItem& item, const DcmTagKey& tag, std::vector<Uint16> values);
void put_ul(DcmItem& item, const DcmTagKey& tag, std::vector<Uint32> values);
void put_at(DcmItem& item, const DcmTagKey& tag, const DcmTagKey& value);
/// Present without a value: what type 2 attributes are when nothing is known.
void put_empty(DcmItem& item, const DcmTagKey& tag);
/// Appends an item to a sequence of the item; makes the sequence first if it is not there.
DcmItem& append_item(DcmItem& item, const DcmTagKey& sequence);
/// Appends one coded entry (PS3.3 8.8).
void put_code(DcmItem& item, const DcmTagKey& sequence, const CodedConcept& code);

/// A number as DS (PS3.5 6.2): at most 16 characters, as many digits as fit. @throws DicomError if not finite.
std::string decimal_string(double value);

}  // namespace punctum
