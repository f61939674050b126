#include "dicom/dcmtk/dataset_view.hpp"

#include <dcmtk/dcmdata/dcchrstr.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "dicom/dcmtk/check.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::string_view padding(" \0", 2);

std::string trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(padding);
  if (last == std::string_view::npos) return {};
  const auto first = text.find_first_not_of(padding);
  return std::string(text.substr(first, last - first + 1));
}

std::optional<OFString> raw_text(DcmElement& element) {
  OFString text;
  if (element.getLength() == 0 || element.getOFStringArray(text, /*normalize=*/OFFalse).bad()) return {};
  return text;
}

std::optional<OFString> raw_text(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr) return {};
  return raw_text(*element);
}

double to_number(std::string_view text, const DcmTagKey& tag) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    throw DicomError("cannot read " + describe(tag) + ": expected a finite number");
  }
  return value;
}

}  // namespace

std::string describe(const DcmTagKey& tag) {
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "(%04x,%04x)", tag.getGroup(), tag.getElement());
  return std::string(number.data()) + ' ' + DcmTag(tag).getTagName();
}

std::optional<std::string> read_text(DcmItem& item, const DcmTagKey& tag) {
  const auto raw = raw_text(item, tag);
  if (!raw) return std::nullopt;
  auto text = trimmed({raw->c_str(), raw->size()});
  if (text.empty()) return std::nullopt;
  return text;
}

std::vector<std::string> read_values(DcmItem& item, const DcmTagKey& tag) {
  const auto raw = raw_text(item, tag);
  std::vector<std::string> values;
  if (!raw) return values;
  const std::string_view text(raw->c_str(), raw->size());
  for (std::size_t start = 0;;) {
    const auto end = text.find('\\', start);
    values.push_back(trimmed(text.substr(start, end == std::string_view::npos ? end : end - start)));
    if (end == std::string_view::npos) break;
    start = end + 1;
  }
  if (values.size() == 1 && values.front().empty()) values.clear();
  return values;
}

std::optional<Uid> read_uid(DcmItem& item, const DcmTagKey& tag) {
  const auto text = read_text(item, tag);
  if (!text) return std::nullopt;
  auto uid = Uid::parse(*text);
  if (!uid) {
    throw DicomError("cannot read " + describe(tag) + ": expected a UID (PS3.5 9.1), found text of " +
                     std::to_string(text->size()) + " characters that is none");
  }
  return uid;
}

std::vector<double> read_numbers(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  std::vector<double> numbers;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr) return numbers;
  const auto vr = element->ident();
  if (vr == EVR_DS || vr == EVR_IS) {
    for (const auto& value : read_values(item, tag)) numbers.push_back(to_number(value, tag));
    return numbers;
  }
  const auto add = [&](double value) {
    if (!std::isfinite(value)) throw DicomError("cannot read " + describe(tag) + ": expected a finite number");
    numbers.push_back(value);
  };
  const auto count = element->getVM();
  for (unsigned long i = 0; i < count; ++i) {
    Float32 f32 = 0;
    Float64 f64 = 0;
    Uint16 u16 = 0;
    Sint16 s16 = 0;
    Uint32 u32 = 0;
    Sint32 s32 = 0;
    if (vr == EVR_FL && element->getFloat32(f32, i).good())
      add(f32);
    else if (vr == EVR_FD && element->getFloat64(f64, i).good())
      add(f64);
    else if (vr == EVR_US && element->getUint16(u16, i).good())
      add(u16);
    else if (vr == EVR_SS && element->getSint16(s16, i).good())
      add(s16);
    else if (vr == EVR_UL && element->getUint32(u32, i).good())
      add(u32);
    else if (vr == EVR_SL && element->getSint32(s32, i).good())
      add(s32);
    else
      throw DicomError("cannot read " + describe(tag) + ": expected numbers, found VR " + DcmVR(vr).getVRName());
  }
  return numbers;
}

std::optional<double> read_number(DcmItem& item, const DcmTagKey& tag) {
  const auto numbers = read_numbers(item, tag);
  if (numbers.empty()) return std::nullopt;
  return numbers.front();
}

std::uint32_t require_count(DcmItem& item, const DcmTagKey& tag, std::optional<std::uint32_t> otherwise,
                            std::uint32_t most) {
  const auto found = read_number(item, tag);
  if (!found && otherwise) return *otherwise;
  if (!found) throw DicomError("cannot use data set: " + describe(tag) + " is missing or empty");
  if (*found >= 1 && *found <= most && std::floor(*found) == *found) return static_cast<std::uint32_t>(*found);
  throw DicomError("cannot use data set: " + describe(tag) + " is " + std::to_string(*found) +
                   ", expected a whole number from 1 to " + std::to_string(most));
}

std::vector<DcmItem*> read_items(DcmItem& item, const DcmTagKey& tag, std::size_t most) {
  DcmSequenceOfItems* sequence = nullptr;
  if (item.findAndGetSequence(tag, sequence).bad() || sequence == nullptr) return {};
  return items_of(*sequence, most);
}

std::vector<DcmItem*> items_of(DcmSequenceOfItems& sequence, std::size_t most) {
  std::vector<DcmItem*> items;
  for (auto* at = sequence.nextInContainer(nullptr); at != nullptr && items.size() < most;
       at = sequence.nextInContainer(at)) {
    if (auto* item = dynamic_cast<DcmItem*>(at)) items.push_back(item);
  }
  return items;
}

Uid require_uid(DcmItem& item, const DcmTagKey& tag) {
  auto uid = read_uid(item, tag);
  if (!uid) throw DicomError("cannot use data set: " + describe(tag) + " is missing or empty");
  return *uid;
}

std::string require_text(DcmItem& item, const DcmTagKey& tag) {
  auto text = read_text(item, tag);
  if (!text) throw DicomError("cannot use data set: " + describe(tag) + " is missing or empty");
  return *text;
}

std::vector<double> require_numbers(DcmItem& item, const DcmTagKey& tag, std::size_t count) {
  auto numbers = read_numbers(item, tag);
  if (numbers.size() != count) {
    throw DicomError("cannot use data set: " + describe(tag) + " has " + std::to_string(numbers.size()) +
                     " values, expected " + std::to_string(count));
  }
  return numbers;
}

SopInstance require_sop_instance(DcmItem& dataset) {
  return {require_uid(dataset, DCM_StudyInstanceUID), require_uid(dataset, DCM_SeriesInstanceUID),
          require_uid(dataset, DCM_SOPInstanceUID), require_uid(dataset, DCM_SOPClassUID)};
}

namespace {

/// What says that it is UTF-8 need not be: bytes that are none become '?'.
std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    const auto bytes = length > 0 ? static_cast<std::size_t>(length) : 1;
    valid += length > 0 ? text.substr(0, bytes) : std::string_view("?");
    text.remove_prefix(bytes);
  }
  return valid;
}

}  // namespace

/// Most text of most data sets is ASCII, which means itself in every character set but one; so DCMTK's converter, which
/// takes as long to make as a header to read, is made when the first other text comes.
struct Utf8Reader::Converter {
  OFString name;
  bool ascii_is_itself = true;
  bool is_utf8_already = false;
  bool selected = false;
  bool usable = false;
  DcmSpecificCharacterSet character_set{};

  void select() {
    if (std::exchange(selected, true)) return;
    usable = character_set.selectCharacterSet(name, "ISO_IR 192").good();
    if (!usable || character_set.setConversionFlags(DCMTypes::CF_discardIllegal).good()) return;
    // Then an illegal byte ends the conversion, and the text is taken for ASCII.
  }
};

namespace {

bool is_ascii(std::string_view text) {
  constexpr char escape = 0x1b;  // to another character set (PS3.5 6.1.2.5.3)
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == escape; });
}

/// JIS X 0201 has a yen sign and an overline where ASCII has a backslash and a tilde (PS3.3 C.12.1.1.2).
bool begins_with_jis_x_0201(std::string_view name) {
  return trimmed(name.substr(0, name.find('\\'))).ends_with("IR 13");
}

}  // namespace

Utf8Reader::Utf8Reader(DcmItem& dataset) : converter_(std::make_unique<Converter>()) {
  const auto source = raw_text(dataset, DCM_SpecificCharacterSet);
  const auto wanted = source ? trimmed({source->c_str(), source->size()}) : std::string();
  converter_->name = OFString(wanted.data(), wanted.size());
  converter_->is_utf8_already = wanted == "ISO_IR 192";
  converter_->ascii_is_itself = !begins_with_jis_x_0201(wanted);
}

Utf8Reader::~Utf8Reader() = default;

std::string Utf8Reader::convert(std::string_view text, std::string_view delimiters) const {
  if (converter_->ascii_is_itself && is_ascii(text)) return std::string(text);
  if (converter_->is_utf8_already) return valid_utf8(text);
  converter_->select();
  OFString converted;
  if (converter_->usable &&
      converter_->character_set
          .convertString(text.data(), text.size(), converted, OFString(delimiters.data(), delimiters.size()))
          .good()) {
    return {converted.c_str(), converted.size()};
  }
  std::string ascii(text);
  for (auto& c : ascii) {
    if (!is_ascii({&c, 1})) c = '?';
  }
  return ascii;
}

std::optional<std::string> Utf8Reader::read(DcmItem& item, const DcmTagKey& tag, std::size_t most) const {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr) return std::nullopt;
  return read(*element, most);
}

std::optional<std::string> Utf8Reader::read(DcmElement& element, std::size_t most) const {
  const auto raw = raw_text(element);
  if (!raw) return std::nullopt;
  const auto vr = DcmTag(element.getTag().getXTag()).getEVR();
  // The delimiters at which ISO 2022 falls back to the initial character set (PS3.5 6.1.2.5.3).
  const std::string_view delimiters = vr == EVR_PN ? "\\^=" : "\\";
  auto text = convert({raw->c_str(), std::min(raw->size(), most)}, delimiters);
  const auto last = text.find_last_not_of(padding);
  if (last == std::string::npos) return std::nullopt;
  text.resize(last + 1);
  return text;
}

}  // namespace punctum
