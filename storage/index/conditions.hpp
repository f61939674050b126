#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/index/columns.hpp"

namespace punctum {

/// A piece of SQL with the values for its question marks, in order. Values never enter the text.
struct SqlText {
  std::string text;
  std::vector<std::string> values;

  SqlText& operator+=(std::string_view more) {
    text += more;
    return *this;
  }
  SqlText& operator+=(const SqlText& more);
};

/// The condition under which a column matches a key's value as it came (PS3.4 C.2.2.2: single value, list, wildcard,
/// range, universal). Several values separated by a backslash match when one of them does.
/// @return nothing for universal matching. Pure; any thread.
std::optional<SqlText> condition(const KeyColumn& column, std::string_view table, std::string_view pattern);

}  // namespace punctum
