#pragma once

#include <array>
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

/// The transfer syntax that a first byte chooses for what follows it.
inline const char* syntax_of(std::byte first) {
  constexpr std::array syntaxes{"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
                                "1.2.840.10008.1.2.1.99"};
  return syntaxes[std::to_integer<unsigned>(first) % syntaxes.size()];
}

inline std::string text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace punctum::fuzz
