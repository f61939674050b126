#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace punctum {

/// Whether an SPDX expression names only licences under which data may be used for anything, sold products included:
/// Apache, MIT, BSD, CC0, PDDL, CC BY and CC BY-SA. Whatever else it names, or nothing, is not: what nobody here knows
/// is taken for the stricter. Letters count the same in either case; of alternatives (OR) all must be open.
bool is_open_licence(std::string_view expression);

/// What weights are given away under when nothing else is said: every share-alike licence that the expressions of their
/// data name (SPDX, joined by AND), else Apache-2.0.
std::string licence_of_weights(const std::vector<std::string>& data_licences);

}  // namespace punctum
