// Storage Commitment Push Model, PS3.4 J.3; PS3.7 10.1.1, 10.1.4: requests of peers, and reports of those we asked.
#include <exception>
#include <vector>

#include "dicom/net/commitment.hpp"
#include "dicom/net/commitment_messages.hpp"
#include "dicom/net/identifier.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t largest_information = std::size_t{32} << 20;
constexpr std::uint16_t request_action = 1;
constexpr std::size_t most_owed_reports = 1000;  // of a peer that asks and asks and leaves no moment for an answer

DimseStatus check_action(const CommandSet& command) {
  const auto instance = command.text(command_element::requested_sop_instance_uid);
  if (instance != sop_class::storage_commitment_push_instance) {
    return {status::no_such_sop_instance, "requested SOP instance is not that of Storage Commitment"};
  }
  if (command.number(command_element::action_type_id) != request_action) {
    return {status::no_such_action, "action type is not 1, request storage commitment"};
  }
  if (!command.has_data_set()) return {status::invalid_argument_value, "the request has no data set"};
  return {};
}

DimseStatus check_request(const Dialogue& dialogue, const CommandSet& command) {
  if (dialogue.reports.owed.size() < most_owed_reports) return check_action(command);
  return {status::resource_limitation, "too many reports wait for this association"};
}

/// Durable when it returns success. Keeps the request for an answer on this association.
DimseStatus take_request(Dialogue& dialogue, const Command& command, std::optional<Commitment>& taken) {
  auto outcome = check_request(dialogue, command.set);
  std::optional<Bytes> bytes;
  if (command.set.has_data_set()) bytes = dialogue.association.read_data_set(command.context_id, largest_information);
  if (outcome.code != status::success) return outcome;
  if (!bytes) return {status::resource_limitation, "the request is larger than 32 MiB"};
  try {
    auto commitment = decode_commitment(*bytes, dialogue.association.context(command.context_id)->transfer_syntax);
    dialogue.services.request_commitment(dialogue.caller, commitment);
    taken = std::move(commitment);
    return {};
  } catch (const DicomError& error) {
    return {status::invalid_argument_value, error.what()};
  } catch (const StorageError& error) {
    return {status::resource_limitation, error.what()};
  } catch (...) {
    return status_of(std::current_exception(), Operation::query);
  }
}

/// Reading back may take minutes: a peer that says something meanwhile, perhaps good-bye, is served first.
/// @return whether all was read back.
bool read_back(Dialogue& dialogue, std::vector<CommittedObject>& objects, std::size_t& checked) {
  for (; checked < objects.size(); ++checked) {
    const bool disturbed = dialogue.stop.stop_requested() ||
                           dialogue.association.wait_readable(std::chrono::milliseconds(0)) == Channel::Wake::readable;
    if (disturbed) return false;
    objects[checked].failure_reason = dialogue.services.reason_not_kept(objects[checked]);
  }
  return true;
}

}  // namespace

void serve_commitment_request(Dialogue& dialogue, const Command& command) {
  std::optional<Commitment> taken;
  const auto outcome = take_request(dialogue, command, taken);
  auto response = response_to(command.set, outcome);
  response.set_uid(command_element::affected_sop_class_uid, sop_class::storage_commitment_push)
      .set_uid(command_element::affected_sop_instance_uid, sop_class::storage_commitment_push_instance)
      .set(command_element::action_type_id,
           command.set.number(command_element::action_type_id).value_or(request_action));
  dialogue.association.send(command.context_id, std::move(response));
  if (!taken || !dialogue.services.report_here) return;
  dialogue.reports.owed.push_back({command.context_id, taken->transaction_uid});
}

void send_owed_report(Dialogue& dialogue) {
  auto& reports = dialogue.reports;
  while (!reports.unanswered && !reports.owed.empty()) {
    auto& next = reports.owed.front();
    if (!next.report) next.report = dialogue.services.report_here(dialogue.caller, next.transaction_uid);
    if (next.report) {  // otherwise this peer is called
      if (!read_back(dialogue, next.report->objects, next.checked)) return;
      const auto message_id = reports.next_message_id++;
      send_commitment_report(dialogue.association, next.context_id, *next.report, message_id);
      reports.unanswered = {next.context_id, next.transaction_uid, message_id};
    }
    reports.owed.pop_front();
  }
}

bool take_report_answer(Dialogue& dialogue, const Command& command) {
  auto& unanswered = dialogue.reports.unanswered;
  if (!unanswered || command.context_id != unanswered->context_id ||
      !is_report_answer(command, unanswered->message_id)) {
    return false;
  }
  const auto outcome = outcome_of_report(dialogue.association, command);
  const auto transaction_uid = std::move(unanswered->transaction_uid);
  unanswered.reset();
  dialogue.services.reported_here(dialogue.caller, transaction_uid, outcome.kind == SendOutcome::Kind::sent);
  return true;
}

void serve_commitment_report(Dialogue& dialogue, const Command& command) {
  answer_commitment_report(dialogue.association, command, [&](const Commitment& report) -> DimseStatus {
    try {
      if (dialogue.services.take_report && dialogue.services.take_report(dialogue.caller, report)) return {};
      return {status::invalid_argument_value, "no such transaction"};
    } catch (...) {
      return {status::processing_failure, status_of(std::current_exception(), Operation::query).comment};
    }
  });
}

}  // namespace punctum
