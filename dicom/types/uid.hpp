#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace punctum {

/// A DICOM unique identifier, valid by construction (PS3.5 9.1: components of digits, dots between them, at most 64
/// characters, no leading zeros except "0" itself). Value type; any thread.
class Uid {
 public:
  /// @return nothing if the text is not a UID. Trailing NUL and space padding is trimmed first (PS3.5 6.2, VR UI).
  static std::optional<Uid> parse(std::string_view text);

  /// For literals and values known to be good. @throws DicomError naming the length of what was found.
  static Uid require(std::string_view text);

  /// A fresh UID below 2.25 from a random UUID (PS3.5 B.2).
  static Uid random();

  /// The same name always gives the same UID: 2.25 and the first 122 bits of SHA-256 over the name, as a version 8
  /// UUID.
  static Uid derived_from(std::string_view name);

  const std::string& str() const noexcept { return text_; }
  auto operator<=>(const Uid&) const = default;

 private:
  explicit Uid(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace punctum

template <>
struct std::hash<punctum::Uid> {
  std::size_t operator()(const punctum::Uid& uid) const noexcept { return std::hash<std::string>{}(uid.str()); }
};
