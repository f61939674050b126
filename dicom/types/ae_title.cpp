#include "dicom/types/ae_title.hpp"

#include <charconv>

#include "dicom/types/error.hpp"

namespace punctum {

std::optional<AeTitle> AeTitle::parse(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || text.size() > 16) return std::nullopt;
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e || c == '\\') return std::nullopt;
  }
  return AeTitle(std::string(text));
}

AeTitle AeTitle::require(std::string_view text) {
  auto title = parse(text);
  if (!title) {
    throw ConfigError("cannot use \"" + std::string(text) +
                      "\" as AE title: expected 1 to 16 printable characters without backslash");
  }
  return *title;
}

std::optional<Peer> Peer::parse(std::string_view text) {
  const auto at = text.find('@');
  const auto colon = text.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) return std::nullopt;
  auto title = AeTitle::parse(text.substr(0, at));
  auto host = text.substr(at + 1, colon - at - 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!title || host.empty() || error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    return std::nullopt;
  }
  return Peer{*title, std::string(host), port};
}

std::string Peer::str() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return ae_title.str() + '@' + (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

}  // namespace punctum
