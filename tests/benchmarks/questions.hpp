#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/archive.hpp"
#include "storage/sqlite/connection.hpp"

namespace punctum::benchmark {

/// A kind of question, as a workstation asks it. Levels and roots: PS3.4 C.6.
struct Question {
  enum class Shape { narrow, broad };
  std::string name;               ///< begins with the level as C-FIND names it
  std::function<Query(int)> ask;  ///< the i-th of its kind: each about something else that is in the index
  Shape shape = Shape::narrow;    ///< broad: the number of rows decides how long it takes
};

/// All kinds of matching at all levels in both roots, about what a filled index (fill_index.hpp) really has.
std::vector<Question> all_questions(sqlite::Connection& index);

}  // namespace punctum::benchmark
