// C-GET, PS3.4 C.4.3; PS3.7 9.1.3: the objects go back on the association that asked for them.
#include "dicom/net/object_sender.hpp"
#include "dicom/net/sub_operations.hpp"

namespace punctum {

void serve_get(Dialogue& dialogue, const Command& command) {
  const auto selection = select_objects(dialogue, command);
  if (!selection) return;
  SubOperations progress(dialogue, command, *selection);
  const auto on_request = [&](const Command& received) {
    if (take_report_answer(dialogue, received)) return;
    if (received.set.field() != command::c_cancel_rq) throw ProtocolError("the peer sent a request during a C-GET");
    progress.cancel();
  };
  ObjectSender sender(dialogue.association, /*peer_must_be_scp=*/true, std::nullopt,
                      {dialogue.options.idle_timeout, [&] { progress.tell_when_due(); }, on_request},
                      dialogue.services.transcode);
  for (const auto& object : selection->objects) {
    if (!progress.is_cancelled() && cancelled(dialogue, progress.message_id())) progress.cancel();
    if (progress.is_cancelled()) break;
    progress.note(object, sender.send(object));
  }
  progress.tell_final();
}

}  // namespace punctum
