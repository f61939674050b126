#pragma once

#include <map>
#include <string>
#include <string_view>

#include "dicom/types/bytes.hpp"
#include "dicom/types/error.hpp"

/// A parser that meets foreign bytes, as libFuzzer and the corpus test drive it.
namespace punctum::fuzz {

using Run = void (*)(ByteView input);

/// One in every target's source: `const Registered target("gsps", run);`
struct Registered {
  Registered(std::string_view name, Run run);
};

/// All targets that are linked into this program.
std::map<std::string, Run>& targets();

/// Runs `parse` and swallows what the callers of the rooms know how to answer (punctum::Error). Whatever else leaves
/// it ends the process: that is the finding.
template <typename Parse>
void expecting_errors(Parse parse) {
  try {
    parse();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): refused with a sentence, as it should be
  }
}

inline std::string text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace punctum::fuzz
