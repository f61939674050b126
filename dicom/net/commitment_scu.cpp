#include "dicom/net/association_outcome.hpp"
#include "dicom/net/commitment.hpp"
#include "dicom/net/commitment_messages.hpp"
#include "dicom/net/object_sender.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

using Kind = SendOutcome::Kind;

AssociationRequest commitment_association(const Peer& peer, const SendOptions& options, bool we_are_scp) {
  const std::vector<ProposedContext> contexts = {{1,
                                                  std::string(sop_class::storage_commitment_push),
                                                  {std::string(transfer_syntax::explicit_vr_little_endian),
                                                   std::string(transfer_syntax::implicit_vr_little_endian)},
                                                  we_are_scp}};
  return {options.calling, peer, contexts, options.max_pdu, options.timeout, options.stop};
}

/// An action on an association that is for Storage Commitment alone.
template <typename Action>
SendOutcome commitment_outcome(const Peer& peer, const SendOptions& options, bool we_are_scp, Action action) {
  return outcome_on(commitment_association(peer, options, we_are_scp), [&](Association& association) -> SendOutcome {
    if (!association.contexts().empty()) return action(association);
    association.release();
    return {Kind::permanent, 0, "the peer refuses Storage Commitment"};
  });
}

/// After the request was taken: some peers report at once on the same association. Whatever goes wrong now is no
/// failure of the request.
void listen_for_report(Association& association, std::chrono::milliseconds linger,
                       const std::function<DimseStatus(const Commitment&)>& on_report) {
  try {
    if (association.wait_readable(linger) != Channel::Wake::readable) return association.release();
    const auto command = association.read_command();
    if (command.set.field() == command::n_event_report_rq) answer_commitment_report(association, command, on_report);
    association.release();
  } catch (const ReleaseRequested&) {
    association.confirm_release();
  } catch (const NetworkError&) {
    return;  // it will call
  }
}

}  // namespace

SendOutcome request_commitment(const Peer& peer, const Commitment& commitment, const SendOptions& options,
                               std::chrono::milliseconds linger,
                               const std::function<DimseStatus(const Commitment&)>& on_report) {
  return commitment_outcome(peer, options, /*we_are_scp=*/false, [&](Association& association) {
    const auto& context = association.contexts().front();
    association.send(context.id, commitment_action_rq(1), encode_commitment(commitment, context.transfer_syntax));
    const auto response = association.read_command();
    if (response.set.field() != (command::n_action_rq | command::response)) {
      throw ProtocolError("the peer sent something else than the answer to an N-ACTION");
    }
    if (response.set.has_data_set()) (void)association.read_data_set(response.context_id, 0);
    const auto code = response.set.number(command_element::status);
    if (!code) throw ProtocolError("the peer answered an N-ACTION without a status");
    auto outcome = outcome_of(*code, response.set.text(command_element::error_comment).value_or(""));
    listen_for_report(association, outcome.kind == Kind::sent ? linger : std::chrono::milliseconds(0), on_report);
    return outcome;
  });
}

SendOutcome report_commitment(const Peer& peer, const Commitment& commitment, const SendOptions& options) {
  return commitment_outcome(peer, options, /*we_are_scp=*/true, [&](Association& association) {
    constexpr std::uint16_t message_id = 1;
    send_commitment_report(association, association.contexts().front().id, commitment, message_id);
    const auto answer = association.read_command();
    if (!is_report_answer(answer, message_id)) {
      throw ProtocolError("the peer sent something else than the answer to an N-EVENT-REPORT");
    }
    auto outcome = outcome_of_report(association, answer);
    association.release();
    return outcome;
  });
}

}  // namespace punctum
