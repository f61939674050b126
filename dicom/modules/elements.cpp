#include "dicom/modules/elements.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcvrul.h>

#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

void check_written(const OFCondition& condition, const DcmTagKey& tag) {
  if (condition.bad()) check(condition, "write " + describe(tag));
}

}  // namespace

void put(DcmItem& item, const DcmTagKey& tag, std::string_view text) {
  check_written(item.putAndInsertOFStringArray(tag, OFString(text.data(), text.size())), tag);
}

void put(DcmItem& item, const DcmTagKey& tag, const Uid& uid) { put(item, tag, std::string_view(uid.str())); }

void put_us(DcmItem& item, const DcmTagKey& tag, std::vector<Uint16> values) {
  check_written(item.putAndInsertUint16Array(tag, values.data(), static_cast<unsigned long>(values.size())), tag);
}

void put_ul(DcmItem& item, const DcmTagKey& tag, std::vector<Uint32> values) {
  auto element = std::make_unique<DcmUnsignedLong>(tag);
  check_written(element->putUint32Array(values.data(), static_cast<unsigned long>(values.size())), tag);
  check_written(item.insert(element.get(), OFTrue), tag);
  element.release();
}

void put_at(DcmItem& item, const DcmTagKey& tag, const DcmTagKey& value) {
  check_written(item.putAndInsertTagKey(tag, value), tag);
}

void put_empty(DcmItem& item, const DcmTagKey& tag) { check_written(item.insertEmptyElement(tag), tag); }

DcmItem& append_item(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* appended = nullptr;
  check_written(item.findOrCreateSequenceItem(sequence, appended, -2), sequence);
  return *appended;
}

void put_code(DcmItem& item, const DcmTagKey& sequence, const CodedConcept& code) {
  auto& entry = append_item(item, sequence);
  put(entry, DCM_CodeValue, code.value);
  put(entry, DCM_CodingSchemeDesignator, code.scheme);
  put(entry, DCM_CodeMeaning, code.meaning);
}

std::string decimal_string(double value) {
  if (!std::isfinite(value)) throw DicomError("cannot write a decimal string: found a value that is not finite");
  constexpr std::size_t longest = 16;
  std::array<char, 64> text{};
  // Shortest form first: it names the value exactly. Then fewer and fewer digits until it fits.
  auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  for (int digits = 16; static_cast<std::size_t>(end - text.data()) > longest && digits > 0; --digits) {
    end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits).ptr;
  }
  return std::string(text.data(), end);
}

}  // namespace punctum
