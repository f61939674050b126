#include "dicom/types/uid.hpp"

#include <array>
#include <random>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t max_length = 64;

bool is_valid(std::string_view text) {
  if (text.empty() || text.size() > max_length) return false;
  std::size_t start = 0;
  while (true) {
    const auto dot = text.find('.', start);
    const auto component = text.substr(start, dot == std::string_view::npos ? dot : dot - start);
    if (component.empty() || (component.size() > 1 && component.front() == '0')) return false;
    if (component.find_first_not_of("0123456789") != std::string_view::npos) return false;
    if (dot == std::string_view::npos) return true;
    start = dot + 1;
  }
}

using Uuid = std::array<unsigned char, 16>;

/// "2.25." and the UUID as one decimal number (PS3.5 B.2).
std::string uid_text(Uuid uuid) {
  std::string digits;
  bool left = true;
  while (left) {
    left = false;
    unsigned remainder = 0;
    for (auto& byte : uuid) {
      const unsigned value = remainder * 256 + byte;
      byte = static_cast<unsigned char>(value / 10);
      remainder = value % 10;
      left = left || byte != 0;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return "2.25." + digits;
}

Uuid marked(Uuid uuid, unsigned version) {
  uuid[6] = static_cast<unsigned char>((uuid[6] & 0x0f) | (version << 4));
  uuid[8] = static_cast<unsigned char>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace

std::optional<Uid> Uid::parse(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  if (!is_valid(text)) return std::nullopt;
  return Uid(std::string(text));
}

Uid Uid::require(std::string_view text) {
  auto uid = parse(text);
  if (!uid) {
    throw DicomError("cannot use text of " + std::to_string(text.size()) +
                     " characters as UID: expected digits and dots, no leading zeros, at most 64 (PS3.5 9.1)");
  }
  return *uid;
}

Uid Uid::random() {
  std::random_device device;
  Uuid uuid;
  for (std::size_t i = 0; i < uuid.size(); i += 4) {
    const auto word = device();
    for (std::size_t j = 0; j < 4; ++j) uuid[i + j] = static_cast<unsigned char>(word >> (8 * j));
  }
  return Uid(uid_text(marked(uuid, 4)));
}

Uid Uid::derived_from(std::string_view name) {
  const auto digest = sha256(name);
  Uuid uuid;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    uuid[i] = static_cast<unsigned char>(std::stoi(digest.hex.substr(2 * i, 2), nullptr, 16));
  }
  return Uid(uid_text(marked(uuid, 8)));
}

}  // namespace punctum
