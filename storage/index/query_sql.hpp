#pragma once

#include <string>
#include <vector>

#include "storage/archive.hpp"
#include "storage/index/conditions.hpp"

namespace punctum {

/// Finds the row ids at the query's level that match. In no order: the index is free to choose its way.
SqlText ids_statement(const Query& query);

/// Reads one row by its id (the one parameter). Columns are in the order of `keywords`.
struct RowStatement {
  std::string sql;
  std::vector<std::string> keywords;
};
/// The keys asked for that exist at this level or above, and always the unique keys down to it.
RowStatement row_statement(const Query& query);

/// "instance JOIN series ... JOIN study ...": a level's table with those above.
std::string joined(QueryLevel level);

}  // namespace punctum
