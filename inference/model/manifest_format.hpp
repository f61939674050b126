#pragma once

namespace punctum {

inline constexpr const char* model_format = "punctum-model/1";        ///< what a node runs
inline constexpr const char* baseline_format = "punctum-baseline/1";  ///< what a study compares it with

}  // namespace punctum
