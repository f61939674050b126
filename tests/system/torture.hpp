#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dicom/net/services.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/system/node_process.hpp"

/// What the long tests share: load for a node, and a book of what it has promised.
namespace punctum::test {

/// Whether this is the long run (CTest label slow), and a number for each kind.
bool is_long_run();
template <typename Number>
Number short_or_long(Number in_short, Number in_long) {
  return is_long_run() ? in_long : in_short;
}

/// A CT study of small slices; the same key always gives the same bytes.
std::vector<TestSlice> small_study(const std::string& key, int slices);
std::vector<Retrievable> to_send(const std::vector<TestSlice>& slices);

/// Studies that were sent to a node, and what it acknowledged. Any thread.
class Ledger {
 public:
  /// Sends the study over one association; what is acknowledged is written down, also when the line breaks.
  /// @return how many were acknowledged.
  std::size_t send(const Peer& node, const std::vector<TestSlice>& slices);
  /// Written down before a deletion is asked for: from now on the study may be there or not, but not in part.
  void deleting(const std::string& study_instance_uid);
  /// The deletion was confirmed: it may not come back.
  void deleted(const std::string& study_instance_uid);

  std::vector<std::string> studies() const;
  bool knows(const std::string& study_instance_uid) const;  ///< whether any of it was sent
  std::size_t acknowledged() const;
  std::size_t confirmed_deletions() const;

  /// Compares the node with the book: nothing acknowledged is missing, nothing is there in part or with other bytes,
  /// and the index counts what can be retrieved. @return a sentence per lie; empty if all is well.
  std::vector<std::string> lies_about(const NodeProcess& node, const std::string& study_instance_uid) const;

 private:
  struct Study {
    std::map<std::string, std::string> sent;  ///< digest of the data set by SOP Instance UID
    std::set<std::string> acknowledged;
    enum class Deletion { none, asked, confirmed } deletion = Deletion::none;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Study> studies_;
};

/// Senders, queries and retrievals at once, until the end of the scope. Everybody goes on when the node is gone.
class MixedLoad {
 public:
  /// @param round makes the studies of this load different from those of another.
  MixedLoad(const NodeProcess& node, Ledger& ledger, int round);
  ~MixedLoad();
  MixedLoad(const MixedLoad&) = delete;
  MixedLoad& operator=(const MixedLoad&) = delete;
  /// Studies that this load sends.
  std::vector<std::string> studies() const;
  /// Returns when the ledger has that many more acknowledged instances than at the beginning, or after twenty seconds.
  void wait_for_acknowledged(std::size_t count) const;

 private:
  void run(std::function<void()> step);
  const Ledger& ledger_;
  const std::size_t acknowledged_before_;
  std::atomic<bool> over_ = false;
  std::vector<std::vector<TestSlice>> slices_;
  std::vector<std::jthread> threads_;
};

/// Bytes of memory that are resident, and descriptors that are open, in another process.
std::size_t resident_bytes(pid_t process);
std::size_t open_descriptors(pid_t process);

}  // namespace punctum::test
