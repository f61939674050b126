#include "dicom/net/store_scu.hpp"

#include "dicom/net/association.hpp"
#include "dicom/net/association_outcome.hpp"
#include "dicom/net/dimse_status.hpp"
#include "dicom/net/object_sender.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

/// Fills the outcomes of one plan. What happens to the association happens to all objects that were not answered yet;
/// an object of ours that breaks off costs it, too, and the others get another one.
void send_over_one_association(const Peer& peer, const std::vector<Retrievable>& objects, const SendPlan& plan,
                               const SendOptions& options, std::vector<SendOutcome>& outcomes,
                               const std::function<void(std::size_t, const SendOutcome&)>& each) {
  std::size_t next = 0;
  const auto note = [&](SendOutcome outcome) {
    const auto index = plan.objects[next++];
    outcomes[index] = std::move(outcome);
    if (each) each(index, outcomes[index]);
  };
  const AssociationRequest wanted{options.calling, peer, plan.contexts, options.max_pdu, options.timeout, options.stop};
  bool broke_off = false;
  const auto send_all = [&](Association& association) -> SendOutcome {
    ObjectSender sender(association, /*peer_must_be_scp=*/false, std::nullopt, {.patience = options.timeout},
                        options.transcode);
    try {
      while (next < plan.objects.size()) note(sender.send(objects[plan.objects[next]]));
      association.release();
    } catch (const HalfSent& error) {
      broke_off = true;
      note({SendOutcome::Kind::transient, status::processing_failure, error.what()});
    }
    return {};
  };
  do {
    broke_off = false;
    const auto ended = outcome_on(wanted, send_all);
    while (!broke_off && next < plan.objects.size()) note(ended);
  } while (next < plan.objects.size());
}

}  // namespace

std::vector<SendOutcome> send_objects(const Peer& peer, const std::vector<Retrievable>& objects,
                                      const SendOptions& options,
                                      const std::function<void(std::size_t, const SendOutcome&)>& each) {
  std::vector<SendOutcome> outcomes(objects.size());
  for (const auto& plan : plan_sending(objects)) {
    send_over_one_association(peer, objects, plan, options, outcomes, each);
  }
  return outcomes;
}

void verify(const Peer& peer, const SendOptions& options) {
  const std::vector<ProposedContext> contexts = {
      {1, std::string(sop_class::verification), {std::string(transfer_syntax::implicit_vr_little_endian)}, false}};
  auto association =
      Association::request({options.calling, peer, contexts, options.max_pdu, options.timeout, options.stop});
  if (association.contexts().empty()) throw NetworkError("cannot verify " + peer.str() + ": it takes no C-ECHO");
  CommandSet request;
  request.set(command_element::command_field, command::c_echo_rq)
      .set(command_element::message_id, 1)
      .set_uid(command_element::affected_sop_class_uid, sop_class::verification);
  try {
    association.send(association.contexts().front().id, std::move(request));
    const auto response = association.read_command();
    const auto code = response.set.number(command_element::status);
    if (code != status::success) {
      throw NetworkError("cannot verify " + peer.str() + ": it answers " + (code ? hexadecimal(*code) : "no status"));
    }
  } catch (const ReleaseRequested&) {
    throw NetworkError("cannot verify " + peer.str() + ": it ended the association");
  }
  association.release();
}

}  // namespace punctum
