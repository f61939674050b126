#pragma once

#include <string>
#include <string_view>

namespace punctum {

/// What a person name is compared by: without case and accents (Unicode case folding, marks stripped), each component
/// group without its trailing empty components and ended by "=", so that "Müller^Jörg^" becomes "muller^jorg=".
/// PS3.4 C.2.2.2.1 lets names match so; PS3.5 6.2.1.1 has the groups. Bytes that are no UTF-8 are kept as they are.
/// Wildcards pass through unchanged. Pure; any thread.
std::string fold_person_name(std::string_view name);

}  // namespace punctum
