// C-MOVE, PS3.4 C.4.2; PS3.7 9.1.4: the objects go to a third party, over associations of our own.
#include <exception>

#include "dicom/net/object_sender.hpp"
#include "dicom/net/sub_operations.hpp"

namespace punctum {
namespace {

constexpr auto kConnectPatience = std::chrono::seconds(10);

/// The objects of one plan over one association. A failing destination fails them; a failing requestor ends it all.
class Mover {
 public:
  Mover(Dialogue& dialogue, const Peer& destination, SubOperations& progress)
      : dialogue_(dialogue), destination_(destination), progress_(progress) {}

  void move(const std::vector<Retrievable>& objects, const SendPlan& plan) {
    std::size_t next = 0;
    SendOutcome interruption{SendOutcome::Kind::transient, 0, "the destination ended the association"};
    try {
      auto association = Association::request({dialogue_.options.ae_title, destination_, plan.contexts,
                                               dialogue_.options.max_pdu, kConnectPatience, dialogue_.stop});
      association.set_patience(dialogue_.options.idle_timeout);
      ObjectSender sender(association, /*peer_must_be_scp=*/false,
                          ObjectSender::Originator{dialogue_.caller.calling, progress_.message_id()},
                          {dialogue_.options.idle_timeout, [&] { look_after_requestor(); }, {}});
      while (next < plan.objects.size()) {
        look_after_requestor();
        if (progress_.is_cancelled()) return association.release();
        const auto& object = objects[plan.objects[next]];
        const auto outcome = sender.send(object);
        ++next;
        note(object, outcome);
      }
      return association.release();
    } catch (const NetworkError& error) {
      interruption.message = error.what();
    } catch (const ReleaseRequested&) {
    }
    if (requestor_failure_) std::rethrow_exception(requestor_failure_);
    for (; next < plan.objects.size(); ++next) note(objects[plan.objects[next]], interruption);
  }

 private:
  /// Both associations fail with the same exceptions; this remembers which one it was.
  template <typename Action>
  void with_requestor(Action action) {
    try {
      action();
    } catch (...) {
      requestor_failure_ = std::current_exception();
      throw;
    }
  }
  void note(const Retrievable& object, const SendOutcome& outcome) {
    with_requestor([&] { progress_.note(object, outcome); });
  }
  void look_after_requestor() {
    with_requestor([&] {
      if (cancelled(dialogue_.association, progress_.message_id())) progress_.cancel();
      progress_.tell_when_due();
    });
  }

  Dialogue& dialogue_;
  const Peer& destination_;
  SubOperations& progress_;
  std::exception_ptr requestor_failure_;
};

}  // namespace

void serve_move(Dialogue& dialogue, const Command& command) {
  const auto selection = select_objects(dialogue, command);
  if (!selection) return;
  const auto title = AeTitle::parse(command.set.text(command_element::move_destination).value_or(""));
  const auto destination = title ? dialogue.services.peer(*title) : std::nullopt;
  if (!destination) {
    const DimseStatus unknown{status::move_destination_unknown,
                              "move destination unknown: " + (title ? title->str() : std::string("none given"))};
    return dialogue.association.send(command.context_id, response_to(command.set, unknown));
  }
  SubOperations progress(dialogue, command, *selection);
  Mover mover(dialogue, *destination, progress);
  for (const auto& plan : plan_sending(selection->objects)) {
    if (!progress.is_cancelled()) mover.move(selection->objects, plan);
  }
  progress.tell_final();
}

}  // namespace punctum
