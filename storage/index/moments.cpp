#include "storage/index/moments.hpp"

#include <algorithm>

namespace punctum {
namespace {

const Match* time_beside(const Match& date, const Query& query) {
  const auto stem = date.keyword.substr(0, date.keyword.size() - std::string_view("Date").size());
  const auto found = std::ranges::find(query.matches, stem + "Time", &Match::keyword);
  return found == query.matches.end() ? nullptr : &*found;
}

std::string expression(const Match& match, QueryLevel asked) {
  const auto& key = *query_key(match.keyword);
  return std::string(table_for(key, asked)) + "." + column_of(key.keyword)->name;
}

}  // namespace

std::vector<Moment> moments_in(const Query& query) {
  std::vector<Moment> moments;
  if (!query.combined_date_time) return moments;
  for (const auto& date : query.matches) {
    const auto* key = query_key(date.keyword);
    if (key == nullptr || key->kind != KeyKind::date) continue;
    const auto* time = time_beside(date, query);
    if (time == nullptr || query_key(time->keyword) == nullptr) continue;
    auto sql =
        combined_range(expression(date, query.level), expression(*time, query.level), date.pattern, time->pattern);
    if (sql) moments.push_back({&date, time, std::move(*sql)});
  }
  return moments;
}

bool is_part_of(const std::vector<Moment>& moments, const Match& match) {
  return std::ranges::any_of(moments,
                             [&](const Moment& moment) { return moment.date == &match || moment.time == &match; });
}

}  // namespace punctum
