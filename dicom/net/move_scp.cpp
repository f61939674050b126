// C-MOVE, PS3.4 C.4.2; PS3.7 9.1.4: the objects go to a third party, over associations of our own.
#include <set>

#include "dicom/net/convoy.hpp"
#include "dicom/net/sub_operations.hpp"

namespace punctum {
namespace {

constexpr auto glance = std::chrono::milliseconds(100);  // between looks at the requestor

/// The objects of one plan. A failing destination fails them; a failing requestor ends it all.
void move(Dialogue& dialogue, const Peer& destination, const std::vector<Retrievable>& objects, const SendPlan& plan,
          SubOperations& progress) {
  Convoy convoy(dialogue, destination, objects, plan, progress.message_id());
  std::set<std::size_t> open(plan.objects.begin(), plan.objects.end());
  while (!convoy.is_over()) {
    if (auto arrival = convoy.next(glance)) {
      open.erase(arrival->object);
      progress.note(objects[arrival->object], arrival->outcome);
    }
    if (!progress.is_cancelled() && cancelled(dialogue, progress.message_id())) {
      progress.cancel();
      convoy.halt();
    }
    progress.tell_when_due();
  }
  if (progress.is_cancelled()) return;
  const SendOutcome never_sent{SendOutcome::Kind::transient, 0, convoy.failure()};
  for (const auto object : open) progress.note(objects[object], never_sent);
}

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
  for (const auto& plan : plan_sending(selection->objects)) {
    if (!progress.is_cancelled()) move(dialogue, *destination, selection->objects, plan, progress);
  }
  progress.tell_final();
}

}  // namespace punctum
