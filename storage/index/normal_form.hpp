#pragma once

#include <string>
#include <string_view>

#include "storage/query_keys.hpp"

namespace punctum {

/// The one spelling in which a value is kept and compared: padding trimmed, old ACR-NEMA dates ("2024.01.31") and times
/// ("10:30:00") as digits, integers without plus sign and leading zeros. What is not of its kind is kept as it came.
/// Pure; any thread.
std::string normal_form(KeyKind kind, std::string_view value);

}  // namespace punctum
