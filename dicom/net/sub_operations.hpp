#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dicom/net/dialogue.hpp"
#include "dicom/net/store_scu.hpp"

namespace punctum {

/// A C-GET or C-MOVE request and what it asks for.
struct Selection {
  QueryCommand query;
  std::vector<Retrievable> objects;
};
/// Reads the identifier and asks the node. Nothing if that failed: the peer has its answer then.
std::optional<Selection> select_objects(Dialogue& dialogue, const Command& command);

/// The bookkeeping of one C-GET or C-MOVE (PS3.4 C.4.2.1.6 to C.4.2.1.9): what is done, what the peer has been told,
/// whether it still wants the rest.
class SubOperations {
 public:
  /// Dialogue, command and selection outlive it.
  SubOperations(Dialogue& dialogue, const Command& command, const Selection& selection);

  void note(const Retrievable& object, const SendOutcome& outcome);
  void tell_when_due();  ///< a pending response every second, so that the peer's timeout never strikes
  void tell_final();
  void cancel() noexcept { cancelled_ = true; }
  bool is_cancelled() const noexcept { return cancelled_; }
  std::uint16_t message_id() const { return command_.set.number(command_element::message_id).value_or(0); }

 private:
  DimseStatus verdict() const;
  void put_counts(CommandSet& response) const;

  Dialogue& dialogue_;
  const Command& command_;
  const QueryCommand& query_;
  std::size_t remaining_, completed_ = 0, warnings_ = 0;
  std::vector<Uid> failed_;
  std::string last_failure_;
  bool cancelled_ = false;
  Channel::Clock::time_point last_told_ = Channel::Clock::now();
};

}  // namespace punctum
