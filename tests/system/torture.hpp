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
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

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

/// Clicks on a phantom, each of which must become a result in the end.
class Clicks {
 public:
  explicit Clicks(const NodeProcess& node) : node_(node), phantom_(PhantomCase::make(folder_.path(), 900001)) {}
  bool send_images();
  void click();
  std::size_t acknowledged() const { return acknowledged_; }
  const PhantomCase& phantom() const { return phantom_; }
  /// What is wrong with the jobs once all have ended: one that is neither delivered nor given up because its node died
  /// three times while working on it (it may be what kills the node), or fewer jobs than clicks. Empty if all is well.
  std::vector<std::string> unanswered() const;

 private:
  TempDir folder_;
  const NodeProcess& node_;
  PhantomCase phantom_;
  std::size_t acknowledged_ = 0;
};

/// `punctum delete` of a study, killed after a while if it has not ended by then.
/// @param environment variables that are set for it beside those of this process.
void remove_study(const NodeProcess& node, Ledger& ledger, const std::string& study_instance_uid,
                  double seconds_to_live, const std::map<std::string, std::string>& environment = {});

/// Bytes of memory that are resident, and descriptors that are open, in another process.
std::size_t resident_bytes(pid_t process);
std::size_t open_descriptors(pid_t process);

}  // namespace punctum::test
