#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punctum {

/// An application entity title: 1 to 16 printable ASCII characters without backslash, spaces around it trimmed
/// (PS3.5 6.2, VR AE). Value type; any thread.
class AeTitle {
 public:
  static std::optional<AeTitle> parse(std::string_view text);
  /// @throws ConfigError if the text is no AE title.
  static AeTitle require(std::string_view text);

  const std::string& str() const noexcept { return text_; }
  auto operator<=>(const AeTitle&) const = default;

 private:
  explicit AeTitle(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Where an application entity listens, and how it likes to be sent to.
struct Peer {
  AeTitle ae_title;
  std::string host;
  std::uint16_t port = 0;
  std::size_t associations = 1;  ///< at the same time, for one C-MOVE
  bool commitment = false;       ///< ask it to promise that it keeps what was delivered (Storage Commitment)

  /// Parses "AET@HOST:PORT" (host may be an IPv6 address in brackets). @return nothing if it does not have that form.
  static std::optional<Peer> parse(std::string_view text);
  std::string str() const;  ///< "AET@HOST:PORT"
  bool operator==(const Peer&) const = default;
};

}  // namespace punctum
