#include "dicom/net/command_set.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t element_header_size = 8;
constexpr std::uint16_t no_data_set = 0x0101;

std::uint32_t little_endian(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

void append(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void append_element(Bytes& out, std::uint16_t element, std::string_view value) {
  append(out, 0, 2);
  append(out, element, 2);
  append(out, static_cast<std::uint32_t>(value.size()), 4);
  for (const char c : value) out.push_back(static_cast<std::byte>(c));
}

}  // namespace

CommandSet CommandSet::parse(ByteView bytes) {
  CommandSet result;
  while (!bytes.empty()) {
    if (bytes.size() < element_header_size) throw DicomError("cannot read command set: it ends within an element");
    const auto group = little_endian(bytes.subspan(0, 2));
    const auto element = static_cast<std::uint16_t>(little_endian(bytes.subspan(2, 2)));
    const auto length = little_endian(bytes.subspan(4, 4));
    bytes = bytes.subspan(element_header_size);
    if (group != 0) {
      throw DicomError("cannot read command set: found an element of group " + std::to_string(group) +
                       ", expected group 0");
    }
    if (length > bytes.size()) throw DicomError("cannot read command set: an element reaches past its end");
    const auto value = bytes.first(length);
    std::string& text = result.values_[element];
    text.resize(value.size());
    std::ranges::transform(value, text.begin(), [](std::byte b) { return static_cast<char>(b); });
    bytes = bytes.subspan(length);
  }
  return result;
}

Bytes CommandSet::encode() const {
  Bytes elements;
  for (const auto& [element, value] : values_) {
    if (element != command_element::group_length) append_element(elements, element, value);
  }
  Bytes out;
  append(out, 0, 4);
  append(out, 4, 4);
  append(out, static_cast<std::uint32_t>(elements.size()), 4);
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

std::optional<std::uint16_t> CommandSet::number(std::uint16_t element) const {
  const auto found = values_.find(element);
  if (found == values_.end() || found->second.size() != 2) return std::nullopt;
  return static_cast<std::uint16_t>(little_endian(std::as_bytes(std::span(found->second))));
}

std::optional<std::string> CommandSet::text(std::uint16_t element) const {
  const auto found = values_.find(element);
  if (found == values_.end()) return std::nullopt;
  std::string_view value = found->second;
  while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (value.empty()) return std::nullopt;
  return std::string(value);
}

CommandSet& CommandSet::set(std::uint16_t element, std::uint16_t number) {
  values_[element] = {static_cast<char>(number & 0xff), static_cast<char>(number >> 8)};
  return *this;
}

CommandSet& CommandSet::set_text(std::uint16_t element, std::string_view text, char padding) {
  std::string value(text);
  if (value.size() % 2 != 0) value.push_back(padding);
  values_[element] = std::move(value);
  return *this;
}

bool CommandSet::has_data_set() const {
  const auto type = number(command_element::command_data_set_type);
  return type && *type != no_data_set;
}

}  // namespace punctum
