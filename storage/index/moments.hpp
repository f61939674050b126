#pragma once

#include <vector>

#include "storage/archive.hpp"
#include "storage/index/conditions.hpp"

namespace punctum {

/// A date range and a time range of one query that together are one range of moments, such as from ten in the evening
/// of the first day to six in the morning of the second (PS3.4 C.2.2.2.5, where it was negotiated).
struct Moment {
  const Match* date = nullptr;
  const Match* time = nullptr;
  SqlText sql;
};

/// Those in the query: "StudyDate" belongs to "StudyTime", and so on. None unless the query combines them.
std::vector<Moment> moments_in(const Query& query);

/// Whether a match is spoken for by one of them.
bool is_part_of(const std::vector<Moment>& moments, const Match& match);

}  // namespace punctum
