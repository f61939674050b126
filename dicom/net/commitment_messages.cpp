#include "dicom/net/commitment_messages.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "dicom/dcmtk/structure_guard.hpp"
#include "dicom/net/commitment.hpp"
#include "dicom/net/identifier.hpp"
#include "dicom/net/object_sender.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t largest_information = std::size_t{32} << 20;  // some hundred thousand objects
constexpr std::uint16_t event_all_kept = 1, event_some_failed = 2;
constexpr std::uint16_t request_action = 1;

IdentifierElement uid_element(std::uint16_t group, std::uint16_t element, const Uid& uid) {
  return {group, element, "UI", uid.str()};
}

Identifier item_of(const CommittedObject& object) {
  Identifier item = {uid_element(0x0008, 0x1150, object.sop_class_uid),
                     uid_element(0x0008, 0x1155, object.sop_instance_uid)};
  if (object.failure_reason != commitment_failure::none) {
    item.push_back({0x0008, 0x1197, "US", std::to_string(object.failure_reason)});
  }
  return item;
}

const IdentifierElement* find(const Identifier& elements, std::uint16_t element) {
  const auto found = std::ranges::find_if(
      elements, [&](const IdentifierElement& each) { return each.group == 0x0008 && each.element == element; });
  return found == elements.end() ? nullptr : &*found;
}

Uid uid_in(const Identifier& elements, std::uint16_t element, const std::string& name) {
  const auto* found = find(elements, element);
  const auto uid = found != nullptr ? Uid::parse(found->value) : std::nullopt;
  if (!uid) throw DicomError("cannot read storage commitment: " + name + " is missing or no UID");
  return *uid;
}

/// Why an object in the Failed SOP Sequence failed: never "none", whatever stands there.
std::uint16_t reason_in(const Identifier& item) {
  const auto* found = find(item, 0x1197);
  const std::string_view text = found == nullptr ? std::string_view() : std::string_view(found->value);
  std::uint16_t reason = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), reason);
  const bool stated = problem == std::errc() && end == text.data() + text.size();
  return stated && reason != commitment_failure::none ? reason : commitment_failure::processing_failure;
}

void append_items(Commitment& commitment, const Identifier& elements, std::uint16_t sequence, bool failed) {
  const auto* found = find(elements, sequence);
  if (found == nullptr) return;
  for (const auto& item : found->items) {
    commitment.objects.push_back({uid_in(item, 0x1150, "Referenced SOP Class UID"),
                                  uid_in(item, 0x1155, "Referenced SOP Instance UID"),
                                  failed ? reason_in(item) : commitment_failure::none});
  }
}

/// What a peer names both as kept and as failed is not kept.
void drop_contradicted(Commitment& kept, const Commitment& failed) {
  if (failed.objects.empty()) return;
  std::set<std::string_view> names;
  for (const auto& object : failed.objects) names.insert(object.sop_instance_uid.str());
  std::erase_if(kept.objects,
                [&](const CommittedObject& object) { return names.contains(object.sop_instance_uid.str()); });
}

}  // namespace

Bytes encode_commitment(const Commitment& commitment, std::string_view transfer_syntax) {
  Identifier elements = {uid_element(0x0008, 0x1195, commitment.transaction_uid)};
  IdentifierElement failed{0x0008, 0x1198, "SQ", ""}, kept{0x0008, 0x1199, "SQ", ""};
  for (const auto& object : commitment.objects) {
    (object.failure_reason == commitment_failure::none ? kept : failed).items.push_back(item_of(object));
  }
  if (!failed.items.empty()) elements.push_back(std::move(failed));
  if (!kept.items.empty()) elements.push_back(std::move(kept));
  return encode_elements(elements, transfer_syntax);
}

Commitment decode_commitment(ByteView bytes, std::string_view transfer_syntax) {
  const auto elements = decode_identifier(bytes, transfer_syntax, StructureLimits{}.elements).keys;
  Commitment commitment{uid_in(elements, 0x1195, "Transaction UID"), {}};
  Commitment failed{commitment.transaction_uid, {}};
  append_items(commitment, elements, 0x1199, /*failed=*/false);
  append_items(failed, elements, 0x1198, /*failed=*/true);
  drop_contradicted(commitment, failed);
  commitment.objects.insert(commitment.objects.end(), failed.objects.begin(), failed.objects.end());
  if (commitment.objects.empty()) throw DicomError("cannot read storage commitment: it names no object");
  return commitment;
}

CommandSet commitment_report_rq(const Commitment& commitment, std::uint16_t message_id) {
  const bool all_kept = std::ranges::all_of(commitment.objects, [](const CommittedObject& object) {
    return object.failure_reason == commitment_failure::none;
  });
  CommandSet request;
  request.set(command_element::command_field, command::n_event_report_rq)
      .set(command_element::message_id, message_id)
      .set(command_element::event_type_id, all_kept ? event_all_kept : event_some_failed)
      .set_uid(command_element::affected_sop_class_uid, sop_class::storage_commitment_push)
      .set_uid(command_element::affected_sop_instance_uid, sop_class::storage_commitment_push_instance);
  return request;
}

CommandSet commitment_action_rq(std::uint16_t message_id) {
  CommandSet request;
  request.set(command_element::command_field, command::n_action_rq)
      .set(command_element::message_id, message_id)
      .set(command_element::action_type_id, request_action)
      .set_uid(command_element::requested_sop_class_uid, sop_class::storage_commitment_push)
      .set_uid(command_element::requested_sop_instance_uid, sop_class::storage_commitment_push_instance);
  return request;
}

void answer_commitment_report(Association& association, const Command& command,
                              const std::function<DimseStatus(const Commitment&)>& on_report) {
  DimseStatus outcome;
  try {
    if (!command.set.has_data_set()) throw DicomError("cannot read storage commitment: the report has no data set");
    const auto bytes = association.read_data_set(command.context_id, largest_information);
    if (!bytes) throw DicomError("cannot read storage commitment: it is larger than 32 MiB");
    outcome = on_report(decode_commitment(*bytes, association.context(command.context_id)->transfer_syntax));
  } catch (const DicomError& error) {
    outcome = {status::invalid_argument_value, error.what()};
  }
  auto response = response_to(command.set, outcome);
  response.set_uid(command_element::affected_sop_instance_uid, sop_class::storage_commitment_push_instance)
      .set(command_element::event_type_id, command.set.number(command_element::event_type_id).value_or(event_all_kept));
  association.send(command.context_id, std::move(response));
}

void send_commitment_report(Association& association, std::uint8_t context_id, const Commitment& commitment,
                            std::uint16_t message_id) {
  const auto syntax = association.context(context_id)->transfer_syntax;
  association.send(context_id, commitment_report_rq(commitment, message_id), encode_commitment(commitment, syntax));
}

bool is_report_answer(const Command& command, std::uint16_t message_id) {
  return command.set.field() == (command::n_event_report_rq | command::response) &&
         command.set.number(command_element::message_id_being_responded_to) == message_id;
}

SendOutcome outcome_of_report(Association& association, const Command& answer) {
  if (answer.set.has_data_set()) (void)association.read_data_set(answer.context_id, 0);
  const auto code = answer.set.number(command_element::status);
  if (!code) throw ProtocolError("the peer answered an N-EVENT-REPORT without a status");
  return outcome_of(*code, answer.set.text(command_element::error_comment).value_or(""));
}

}  // namespace punctum
