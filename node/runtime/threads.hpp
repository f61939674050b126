#pragma once

#include <functional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace punctum {

/// Every thread of the node, in the order in which they start; they are joined in reverse.
///
///   name        number            owns                                         talks through
///   main        1                 signals, start and stop                      stop tokens
///   end         1, at the end     nothing; ends a process that does not end    -
///   decoding    1, when needed    starts and ends punctum-decode               whoever decodes (dicom/decoding)
///   http        1                 one Asio io_context                          archive, stores (reads)
///   job-feed    1                 position "jobs" in the change feed           job store
///   job         1                 the network; nobody else touches Torch       job store, ingest
///   commitment  1                 outgoing storage commitment messages         commitment store
///   deliver     1                 outgoing associations, position "deliver"    delivery store
///   house       1                 position "scrub"; re-reads, removes          upkeep, archive
///   scp-accept  1                 the listening socket, callers not yet heard  starts the next
///   scp-N       1 an association  one blocking association                     ingest, query: functions for any thread
///   scp-move    1 or more a move  one association to the destination           its scp-N
///
/// The archive (storage/) has none: of those who wait for the index, one commits for all.
namespace thread_name {
inline constexpr const char* http = "http";
inline constexpr const char* job_feed = "job-feed";
inline constexpr const char* job = "job";
inline constexpr const char* commitment = "commitment";
inline constexpr const char* deliver = "deliver";
inline constexpr const char* house = "house";
inline constexpr const char* end = "end";
inline constexpr const char* import_files = "import";  // of `punctum import`, four of them
}  // namespace thread_name

/// A thread with a name that debuggers and `top -H` show. An exception that reaches its top is logged and ends the
/// thread, never the process; what works in a loop catches it before (std::exception: memory may be short for once).
/// Destruction asks it to stop and joins it.
class NamedThread {
 public:
  NamedThread(const char* name, std::function<void(std::stop_token)> body);

  void request_stop() noexcept { thread_.request_stop(); }

 private:
  std::jthread thread_;
};

}  // namespace punctum
