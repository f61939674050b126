#include "dicom/net/associate_request.hpp"

#include <string>

#include "dicom/net/association.hpp"
#include "dicom/net/pdu.hpp"

namespace punctum {
namespace {

constexpr std::size_t kFixedPart = 68;  // version, titles, reserved
constexpr std::size_t kLongestUid = 64;
constexpr std::size_t kItemHeader = 4;
constexpr std::size_t kContextHeader = 4;  // ID and reserved
constexpr std::size_t kMostTransferSyntaxes = 128;

constexpr unsigned kApplicationContext = 0x10, kPresentationContext = 0x20, kPresentationContextReply = 0x21;
constexpr unsigned kTransferSyntax = 0x40, kUserInformation = 0x50;
constexpr unsigned kMaximumLength = 0x51, kImplementationClass = 0x52, kImplementationVersion = 0x55;
constexpr unsigned kRoleSelection = 0x54, kExtendedNegotiation = 0x56;

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
  if (bytes.size() < kItemHeader) refuse("it ends within an item");
  const auto type = std::to_integer<unsigned>(bytes[0]);
  const auto length = length_at(bytes, 2);
  if (length > bytes.size() - kItemHeader) refuse("item of type " + std::to_string(type) + " reaches past its end");
  const Item item{type, bytes.subspan(kItemHeader, length)};
  bytes = bytes.subspan(kItemHeader + length);
  return item;
}

void require_uid_size(const Item& item) {
  if (item.value.size() > kLongestUid) refuse("a UID has " + std::to_string(item.value.size()) + " characters");
}

void require_name(const Item& item) {
  require_uid_size(item);
  if (item.value.empty() || item.value[0] == std::byte{0}) refuse("a UID is empty");
}

void guard_presentation_context(ByteView value) {
  if (value.size() < kContextHeader) refuse("a presentation context has no ID");
  value = value.subspan(kContextHeader);
  std::size_t syntaxes = 0;
  while (!value.empty()) {
    const auto item = take_item(value);
    require_uid_size(item);
    if (item.type != kTransferSyntax) continue;
    require_name(item);
    ++syntaxes;
  }
  if (syntaxes == 0 || syntaxes > kMostTransferSyntaxes) {
    refuse("a presentation context offers " + std::to_string(syntaxes) + " transfer syntaxes");
  }
}

/// Role selection and extended negotiation begin with a UID of their own length (PS3.7 D.3.3.4, D.3.3.5).
void guard_inner_uid(const Item& item) {
  if (item.value.size() < 2 || length_at(item.value, 0) > item.value.size() - 2) {
    refuse("a UID in the user information reaches past its item");
  }
  if (length_at(item.value, 0) > kLongestUid) refuse("a UID in the user information is too long");
}

void guard_user_information(ByteView value) {
  while (!value.empty()) {
    const auto item = take_item(value);
    if (item.type == kMaximumLength && item.value.size() != 4) refuse("the maximum length has not four bytes");
    if (item.type == kImplementationClass || item.type == kImplementationVersion) require_uid_size(item);
    if (item.type == kRoleSelection || item.type == kExtendedNegotiation) guard_inner_uid(item);
  }
}

}  // namespace

void guard_associate_request(ByteView pdu) {
  if (pdu.size() < pdu::header_size + kFixedPart) refuse("it has only " + std::to_string(pdu.size()) + " bytes");
  auto items = pdu.subspan(pdu::header_size + kFixedPart);
  std::size_t contexts = 0;
  while (!items.empty()) {
    const auto item = take_item(items);
    if (item.type == kApplicationContext) require_uid_size(item);
    if (item.type == kPresentationContextReply) refuse("it has a presentation context of a reply");
    if (item.type == kPresentationContext) {
      guard_presentation_context(item.value);
      if (++contexts > largest_context_count) refuse("it has more than 128 presentation contexts");
    }
    if (item.type == kUserInformation) guard_user_information(item.value);
  }
}

}  // namespace punctum
