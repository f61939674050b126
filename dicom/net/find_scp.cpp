// C-FIND, PS3.4 C.4.1; PS3.7 9.1.2.
#include <exception>

#include "dicom/net/dialogue.hpp"
#include "dicom/net/identifier.hpp"

namespace punctum {
namespace {

/// Sends matches until the peer cancels. Remembers what went wrong on the line, since the search between us may not
/// let an exception through unchanged.
class MatchSender {
 public:
  MatchSender(Dialogue& dialogue, const Command& command, const QueryCommand& query)
      : dialogue_(dialogue), command_(command), query_(query) {}

  /// A question with few matches can be cancelled, too, and ends when its peer hangs up. What the peer says is read
  /// only when the search holds nothing: it may take its time.
  Interruption interruption() {
    return {[this] {
              return dialogue_.stop.stop_requested() ||
                     dialogue_.association.wait_readable(std::chrono::milliseconds(0)) == Channel::Wake::readable;
            },
            [this] { return still_wanted(); }};
  }

  bool still_wanted() {
    if (failure_ || was_cancelled_) return false;
    try {
      if (dialogue_.stop.stop_requested()) throw NetworkError("the server stops");
      was_cancelled_ = cancelled(dialogue_, message_id());
    } catch (...) {
      failure_ = std::current_exception();
    }
    return !failure_ && !was_cancelled_;
  }

  bool operator()(const Identifier& match) {
    if (!still_wanted()) return false;
    try {
      const auto bytes = encode_match(match, query_.request.level, dialogue_.options.ae_title, query_.transfer_syntax);
      dialogue_.association.send(query_.context_id, response_to(command_.set, {status::pending, ""}), bytes);
      return true;
    } catch (...) {
      failure_ = std::current_exception();
      return false;
    }
  }

  bool was_cancelled() const noexcept { return was_cancelled_; }
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::uint16_t message_id() const { return command_.set.number(command_element::message_id).value_or(0); }

  Dialogue& dialogue_;
  const Command& command_;
  const QueryCommand& query_;
  bool was_cancelled_ = false;
  std::exception_ptr failure_;
};

DimseStatus find(Dialogue& dialogue, const Command& command) {
  const auto query = read_query(dialogue, command);
  MatchSender sender(dialogue, command, query);
  std::exception_ptr failure;
  try {
    dialogue.services.find(query.request, std::ref(sender), sender.interruption());
  } catch (...) {
    failure = std::current_exception();
  }
  sender.rethrow_failure();
  if (failure) return status_of(failure, Operation::query);
  return sender.was_cancelled() ? DimseStatus{status::cancelled, "cancelled"} : DimseStatus{};
}

}  // namespace

void serve_find(Dialogue& dialogue, const Command& command) {
  DimseStatus outcome;
  try {
    outcome = find(dialogue, command);
  } catch (const DicomError&) {
    outcome = status_of(std::current_exception(), Operation::query);
  }
  dialogue.association.send(command.context_id, response_to(command.set, outcome));
}

}  // namespace punctum
