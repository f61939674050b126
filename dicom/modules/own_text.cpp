#include "dicom/modules/own_text.hpp"

#include <algorithm>

namespace punctum {
namespace {

/// Length of the UTF-8 sequence that begins at text[0], or 0 if there is none (RFC 3629, without its finer bans).
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string OwnText::line(std::string_view text, std::size_t max_characters) const {
  std::string out;
  for (std::size_t characters = 0; !text.empty() && characters < max_characters; ++characters) {
    const auto length = sequence_length(text);
    if (length == 1) {
      out += text.front() == '\\' ? '/' : is_control(text.front()) ? ' ' : text.front();
    } else if (length > 1 && utf8_) {
      out += text.substr(0, length);
    } else {
      out += '?';
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  const auto first = out.find_first_not_of(' ');
  return first == std::string::npos ? std::string() : out.substr(first, out.find_last_not_of(' ') - first + 1);
}

}  // namespace punctum
