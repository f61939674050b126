#include "storage/index/candidates.hpp"

#include <algorithm>

#include "storage/index/query_sql.hpp"

namespace punctum {

namespace {

std::vector<std::int64_t> integers(sqlite::Statement& statement) {
  std::vector<std::int64_t> all;
  while (statement.step()) all.push_back(statement.integer(0));
  return all;
}

}  // namespace

void Candidates::open(sqlite::Connection& connection) {
  const SqlText sql = ids_statement(query_);
  everything_ = sql.values.empty();
  if (everything_) {
    const auto table = std::string(table_name(query_.level));
    auto last = connection.prepare("SELECT max(id) FROM " + table);
    last_ = last.step() ? last.integer(0) : 0;
    opened_ = true;
    return;
  }
  auto statement = connection.prepare(sql.text);
  int parameter = 0;
  for (const auto& value : sql.values) statement.bind(++parameter, std::string_view(value));
  found_ = integers(statement);
  std::ranges::sort(found_);
  opened_ = true;
}

std::vector<std::int64_t> Candidates::next_of_table(sqlite::Connection& connection, std::size_t most) {
  auto statement = connection.prepare("SELECT id FROM " + std::string(table_name(query_.level)) +
                                      " WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
  auto ids = integers(statement.with(after_, last_, most));
  if (!ids.empty()) after_ = ids.back();
  return ids;
}

std::vector<std::int64_t> Candidates::next(sqlite::Connection& connection, std::size_t most) {
  if (!opened_) open(connection);
  if (everything_) return next_of_table(connection, most);
  const auto number = std::min(most, found_.size() - given_);
  const auto first = found_.begin() + static_cast<std::ptrdiff_t>(given_);
  given_ += number;
  return {first, first + static_cast<std::ptrdiff_t>(number)};
}

}  // namespace punctum
