#pragma once

#include <string_view>

/// How Punctum names itself in files and associations (PS3.7 D.3.3.2, PS3.10 7.1).
namespace punctum::implementation {

inline constexpr std::string_view class_uid = "2.25.238403541736420586349271905374812605163";
inline constexpr std::string_view version_name = "PUNCTUM_0_1";  ///< at most 16 characters

}  // namespace punctum::implementation
