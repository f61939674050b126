#include "dicom/net/dialogue.hpp"

#include "dicom/net/identifier.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t largest_identifier = std::size_t{4} << 20;  // thousands of UIDs fit

bool is_patient_root(std::string_view sop_class) {
  return sop_class == sop_class::patient_root_find || sop_class == sop_class::patient_root_move ||
         sop_class == sop_class::patient_root_get;
}

void require_level(const QueryRequest& request) {
  const auto& level = request.level;
  if (level == "STUDY" || level == "SERIES" || level == "IMAGE") return;
  if (level == "PATIENT" && request.model == InformationModel::patient_root) return;
  throw DicomError("cannot query: Query/Retrieve Level " + (level.empty() ? std::string("is absent") : "is " + level));
}

}  // namespace

CommandSet response_to(const CommandSet& request, const DimseStatus& status) {
  CommandSet response;
  response.set(command_element::command_field, request.field() | command::response);
  response.set(command_element::message_id_being_responded_to, request.number(command_element::message_id).value_or(0));
  if (const auto sop_class = request.text(command_element::affected_sop_class_uid);
      sop_class && Uid::parse(*sop_class)) {
    response.set_uid(command_element::affected_sop_class_uid, *sop_class);
  }
  response.set(command_element::status, status.code);
  if (status.code != status::success && !status.comment.empty()) {
    response.set_text(command_element::error_comment, error_comment(status.comment));
  }
  return response;
}

bool read_cancel(Dialogue& dialogue, std::uint16_t message_id) {
  const auto command = dialogue.association.read_command();
  if (take_report_answer(dialogue, command)) return false;
  if (command.set.field() != command::c_cancel_rq) {
    throw ProtocolError("the peer sent another request before the answer to its last one");
  }
  return command.set.number(command_element::message_id_being_responded_to) == message_id;
}

bool cancelled(Dialogue& dialogue, std::uint16_t message_id) {
  if (dialogue.association.wait_readable(std::chrono::milliseconds(0)) != Channel::Wake::readable) return false;
  return read_cancel(dialogue, message_id);
}

QueryCommand read_query(Dialogue& dialogue, const Command& command) {
  const auto* context = dialogue.association.context(command.context_id);
  if (!command.set.has_data_set()) throw DicomError("cannot query: the request has no identifier");
  const auto bytes = dialogue.association.read_data_set(command.context_id, largest_identifier);
  if (!bytes) throw DicomError("cannot query: the identifier is larger than 4 MiB");
  auto identifier = decode_identifier(*bytes, context->transfer_syntax);
  const auto negotiated = dialogue.association.query_options(context->abstract_syntax);
  QueryRequest request{
      dialogue.caller,
      is_patient_root(context->abstract_syntax) ? InformationModel::patient_root : InformationModel::study_root,
      std::move(identifier.level),
      std::move(identifier.keys),
      negotiated.relational,
      negotiated.combined_date_time,
      negotiated.empty_value};
  require_level(request);
  return {command.context_id, context->transfer_syntax, std::move(request)};
}

}  // namespace punctum
