#pragma once

#include "storage/archive.hpp"

namespace punctum {

/// What a key does for a question: an index finds few rows by it; or an index finds rows by it, perhaps many (all that
/// are CT); or every row has to be looked at. Decides from which side a question is opened, nothing else: the answers
/// are the same. Pure; any thread.
enum class Reach { few_by_index, many_by_index, all_rows };
Reach reach_of(const Match& match);

}  // namespace punctum
