#include "node/query/query_service.hpp"

#include "node/query/identifier_rules.hpp"
#include "node/runtime/clock.hpp"
#include "node/runtime/log.hpp"

namespace punctum {

Retrievable to_retrievable(const Archive& archive, const StoredInstance& stored) {
  const auto& record = stored.record;
  return {record.name, record.transfer_syntax_uid, record.dataset_offset, record.file_size,
          [&archive, stored] { return archive.open_file(stored); }};
}

void QueryService::find(const QueryRequest& request, const std::function<bool(const Identifier&)>& emit,
                        const Interruption& interruption) const {
  const Stopwatch watch;
  const auto query = to_query(request);
  std::int64_t rows = 0;
  bool to_the_end = true;
  archive_.query(query,
                 [&](const QueryRow& row) {
                   ++rows;
                   return to_the_end = emit(to_identifier(row, request));
                 },
                 {interruption.disturbed, [&] { return to_the_end = interruption.goes_on && interruption.goes_on(); }});
  log_event(LogLevel::info, "query", to_the_end ? "found" : "broken_off",
            {{"level", request.level},
             {"rows", rows},
             {"from", request.caller.calling},
             {"association", request.caller.association_id},
             {"find_ms", watch.ms()}});
}

std::vector<Retrievable> QueryService::select(const QueryRequest& request) const {
  const Stopwatch watch;
  std::vector<Retrievable> out;
  for (const auto& stored : archive_.select(query_level(request), to_unique_keys(request))) {
    out.push_back(to_retrievable(archive_, stored));
  }
  log_event(LogLevel::info, "query", "selected",
            {{"level", request.level},
             {"instances", out.size()},
             {"from", request.caller.calling},
             {"association", request.caller.association_id},
             {"select_ms", watch.ms()}});
  return out;
}

}  // namespace punctum
