#include "dicom/net/associate_request.hpp"

#include <string>

#include "dicom/net/association.hpp"
#include "dicom/net/pdu.hpp"

namespace punctum {
namespace {

constexpr std::size_t fixed_part = 68;  // version, titles, reserved
constexpr std::size_t longest_uid = 64;
constexpr std::size_t item_header_size = 4;
constexpr std::size_t context_header_size = 4;  // ID and reserved
constexpr std::size_t most_transfer_syntaxes = 128;

constexpr unsigned application_context_item = 0x10, presentation_context_item = 0x20,
                   presentation_context_reply_item = 0x21;
constexpr unsigned transfer_syntax_item = 0x40, user_information_item = 0x50;
constexpr unsigned maximum_length_item = 0x51, implementation_class_item = 0x52, implementation_version_item = 0x55;
constexpr unsigned role_selection_item = 0x54, extended_negotiation_item = 0x56;

struct Item {
  unsigned type = 0;
  ByteView value;
};

[[noreturn]] void refuse(const std::string& what) { throw ProtocolError("cannot read association request: " + what); }

std::size_t length_at(ByteView bytes, std::size_t at) {
  return std::to_integer<std::size_t>(bytes[at]) << 8 | std::to_integer<std::size_t>(bytes[at + 1]);
}

/// Cuts the next item off the front.
Item take_item(ByteView& bytes) {
  if (bytes.size() < item_header_size) refuse("it ends within an item");
  const auto type = std::to_integer<unsigned>(bytes[0]);
  const auto length = length_at(bytes, 2);
  if (length > bytes.size() - item_header_size)
    refuse("item of type " + std::to_string(type) + " reaches past its end");
  const Item item{type, bytes.subspan(item_header_size, length)};
  bytes = bytes.subspan(item_header_size + length);
  return item;
}

void require_uid_size(const Item& item) {
  if (item.value.size() > longest_uid) refuse("a UID has " + std::to_string(item.value.size()) + " characters");
}

void require_name(const Item& item) {
  require_uid_size(item);
  if (item.value.empty() || item.value[0] == std::byte{0}) refuse("a UID is empty");
}

void guard_presentation_context(ByteView value) {
  if (value.size() < context_header_size) refuse("a presentation context has no ID");
  value = value.subspan(context_header_size);
  std::size_t syntaxes = 0;
  while (!value.empty()) {
    const auto item = take_item(value);
    require_uid_size(item);
    if (item.type != transfer_syntax_item) continue;
    require_name(item);
    ++syntaxes;
  }
  if (syntaxes == 0 || syntaxes > most_transfer_syntaxes) {
    refuse("a presentation context offers " + std::to_string(syntaxes) + " transfer syntaxes");
  }
}

/// Role selection and extended negotiation begin with a UID of their own length (PS3.7 D.3.3.4, D.3.3.5).
void guard_inner_uid(const Item& item) {
  if (item.value.size() < 2 || length_at(item.value, 0) > item.value.size() - 2) {
    refuse("a UID in the user information reaches past its item");
  }
  if (length_at(item.value, 0) > longest_uid) refuse("a UID in the user information is too long");
}

void guard_user_information(ByteView value) {
  while (!value.empty()) {
    const auto item = take_item(value);
    if (item.type == maximum_length_item && item.value.size() != 4) refuse("the maximum length has not four bytes");
    if (item.type == implementation_class_item || item.type == implementation_version_item) require_uid_size(item);
    if (item.type == role_selection_item || item.type == extended_negotiation_item) guard_inner_uid(item);
  }
}

}  // namespace

void guard_associate_request(ByteView pdu) {
  if (pdu.size() < pdu::header_size + fixed_part) refuse("it has only " + std::to_string(pdu.size()) + " bytes");
  auto items = pdu.subspan(pdu::header_size + fixed_part);
  std::size_t contexts = 0;
  while (!items.empty()) {
    const auto item = take_item(items);
    if (item.type == application_context_item) require_uid_size(item);
    if (item.type == presentation_context_reply_item) refuse("it has a presentation context of a reply");
    if (item.type == presentation_context_item) {
      guard_presentation_context(item.value);
      if (++contexts > largest_context_count) refuse("it has more than 128 presentation contexts");
    }
    if (item.type == user_information_item) guard_user_information(item.value);
  }
}

}  // namespace punctum
