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

/// The same for any expression that yields the value, and its folded form if it is a person name.
std::optional<SqlText> condition_on(KeyKind kind, const std::string& value, const std::string& folded,
                                    std::string_view pattern);

/// The condition under which an expression has no value (PS3.4 C.2.2.2.7): absent, or of length zero.
SqlText has_no_value(const std::string& value);

/// A range of moments over a date and a time column (PS3.4 C.2.2.2.5.2 and C.5.1.1). Nothing where the two patterns
/// are not both ranges: then each matches for itself.
std::optional<SqlText> combined_range(const std::string& date, const std::string& time, std::string_view date_pattern,
                                      std::string_view time_pattern);

}  // namespace punctum
