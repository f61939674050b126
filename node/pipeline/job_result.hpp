#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "dicom/types/uid.hpp"

namespace punctum {

/// SEG and SR are stored. No SEG: nothing was segmented, and the report says so.
struct Answered {
  std::optional<Uid> seg;
  Uid sr;
  int round = 1;
  std::string note;  ///< what a reader should know, or empty
};
/// The click cannot be answered; a sentence that a radiologist understands. Never retried.
struct Refused {
  std::string sentence;
};
/// Something broke; worth another try.
struct Failed {
  std::string reason;
};
using JobResult = std::variant<Answered, Refused, Failed>;

/// Milliseconds by stage, in the order of the alphabet: assemble_ms, decode_ms, encode_ms, ...
using StageTimes = std::map<std::string, double>;

}  // namespace punctum
