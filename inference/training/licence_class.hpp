#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace punctum {

/// Whether an SPDX expression names only licences under which data may be used for anything, sold products included:
/// Apache, MIT, BSD, ISC, CC0, PDDL, ODC-BY, CC BY and CC BY-SA. Whatever else it names, or nothing, is not: what
/// nobody here knows is taken for the stricter. Letters count the same in either case; of alternatives (OR) all must be
/// open.
bool is_open_licence(std::string_view expression);

/// Whether it names a licence that forbids commercial use in its own name (CC BY-NC and its like).
bool forbids_selling(std::string_view expression);

/// What weights are given away under when nothing else is said: every licence that the expressions of their data name
/// and that binds what is made of them: share-alike ones and all that are not open, NOASSERTION for an empty expression
/// (SPDX, joined by AND); else Apache-2.0.
std::string licence_of_weights(const std::vector<std::string>& data_licences);

}  // namespace punctum
