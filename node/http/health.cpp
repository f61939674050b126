#include "node/http/health.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t recent = 1000;  // counts are of the newest rows; a health check must stay cheap

template <class Row>
nlohmann::json count_by_state(const std::vector<Row>& rows) {
  std::map<std::string, int> counts;
  for (const auto& row : rows) ++counts[std::string(to_string(row.state))];
  return counts;
}

}  // namespace

HttpAnswer answer_health(const HttpRequest& request, const Archive& archive, const WorkStores& stores) {
  if (request.target != "/health") return {404, "application/json", R"({"error":"not found, expected /health"})"};
  if (request.method != "GET" && request.method != "HEAD") {
    return {405, "application/json", R"({"error":"expected GET or HEAD"})"};
  }
  nlohmann::json body{{"ok", true}, {"version", PUNCTUM_VERSION}};
  try {
    body["last_change"] = archive.last_sequence();
    body["jobs"] = count_by_state(stores.jobs->list(recent));
    body["deliveries"] = count_by_state(stores.deliveries->list(recent));
    return {200, "application/json", body.dump()};
  } catch (const Error& error) {
    body["ok"] = false;
    body["why"] = error.what();
    return {503, "application/json", body.dump()};
  }
}

}  // namespace punctum
