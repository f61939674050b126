#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace punctum {

/// Text that Punctum itself adds to a derived object: labels, the reader's name. It comes as UTF-8, from viewers and
/// models, and must fit an object whose character set the CT has chosen.
class OwnText {
 public:
  /// @param utf8 whether the object speaks UTF-8 (ISO_IR 192); else other characters than ASCII become '?'.
  explicit OwnText(bool utf8) : utf8_(utf8) {}

  /// One value of at most max_characters: no backslash (it would make two values), no control characters.
  std::string line(std::string_view text, std::size_t max_characters = 64) const;
  /// A person's name: as line(), of at most five components.
  std::string person_name(std::string_view text) const { return line(text, 64); }

  bool utf8() const { return utf8_; }

 private:
  bool utf8_;
};

bool is_ascii(std::string_view text);

}  // namespace punctum
