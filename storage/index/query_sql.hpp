#pragma once

#include <string>
#include <vector>

#include "storage/archive.hpp"
#include "storage/index/conditions.hpp"

namespace punctum {

/// Finds the row ids at the query's level that match, those without a visible instance included: whether a row is
/// visible stands in the row, and an index that need not look there answers alone. In no order: SQLite is free to
/// choose its way. Without values where the query asks for everything.
SqlText ids_statement(const Query& query);

/// Reads one row by its id (the one parameter), if it is visible. Columns are in the order of `keywords`.
struct RowStatement {
  std::string sql;
  std::vector<std::string> keywords;
};
/// The keys asked for that exist at this level or above, and always the unique keys down to it.
RowStatement row_statement(const Query& query);

/// "instance JOIN series ... JOIN study ...": a level's table with those above, up to the highest that is needed.
std::string joined(QueryLevel level, QueryLevel highest = QueryLevel::study);

}  // namespace punctum
