// C-STORE, PS3.4 Annex B; PS3.7 9.1.1.
#include <exception>
#include <variant>

#include "dicom/net/dialogue.hpp"

namespace punctum {
namespace {

std::variant<StoreRequest, DimseStatus> examine(const Dialogue& dialogue, const Command& command) {
  const auto& context = *dialogue.association.context(command.context_id);
  const auto class_text = command.set.text(command_element::affected_sop_class_uid);
  const auto instance_text = command.set.text(command_element::affected_sop_instance_uid);
  if (!class_text || !instance_text) {
    return DimseStatus{status::mistyped_argument, "command lacks Affected SOP Class or Instance UID"};
  }
  if (*class_text != context.abstract_syntax || !is_storage_class(*class_text)) {
    return DimseStatus{status::sop_class_not_supported, "SOP class is not that of the presentation context"};
  }
  const auto sop_class = Uid::parse(*class_text);
  const auto instance = Uid::parse(*instance_text);
  const auto syntax = Uid::parse(context.transfer_syntax);
  if (!instance) return DimseStatus{status::invalid_sop_instance, "Affected SOP Instance UID is not a UID"};
  if (!sop_class || !syntax) return DimseStatus{status::sop_class_not_supported, "SOP class is not a UID"};
  return StoreRequest{dialogue.caller, *sop_class, *instance, *syntax};
}

/// Passes the data set on as it comes. A failing sink must not end the association: the rest is read and dropped.
DimseStatus receive_object(Dialogue& dialogue, const Command& command, const StoreRequest& request) {
  std::unique_ptr<StoreSink> sink;
  std::exception_ptr failure;
  const auto attempt = [&](const auto& action) {
    if (failure) return;
    try {
      action();
    } catch (...) {
      failure = std::current_exception();
      sink.reset();
    }
  };
  attempt([&] { sink = dialogue.services.begin_store(request); });
  for (bool last = false; !last;) {
    const auto fragment = dialogue.association.read_data_fragment(command.context_id);
    attempt([&] { sink->write(fragment.bytes); });
    last = fragment.is_last;
  }
  attempt([&] { sink->finish(); });
  return failure ? status_of(failure, Operation::store) : DimseStatus{};
}

}  // namespace

void serve_store(Dialogue& dialogue, const Command& command) {
  DimseStatus outcome;
  const auto examined = examine(dialogue, command);
  if (!command.set.has_data_set()) {
    outcome = {status::mistyped_argument, "command announces no data set"};
  } else if (const auto* refused = std::get_if<DimseStatus>(&examined)) {
    (void)dialogue.association.read_data_set(command.context_id, 0);
    outcome = *refused;
  } else {
    outcome = receive_object(dialogue, command, std::get<StoreRequest>(examined));
  }
  auto response = response_to(command.set, outcome);
  if (const auto instance = command.set.text(command_element::affected_sop_instance_uid);
      instance && Uid::parse(*instance)) {
    response.set_uid(command_element::affected_sop_instance_uid, *instance);
  }
  dialogue.association.send(command.context_id, std::move(response));
}

}  // namespace punctum
