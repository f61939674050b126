#include "dicom/net/sub_operations.hpp"

#include <algorithm>
#include <limits>

#include "dicom/net/identifier.hpp"

namespace punctum {
namespace {

constexpr auto pending_interval = std::chrono::seconds(1);

std::uint16_t count_field(std::size_t count) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(count, std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

std::optional<Selection> select_objects(Dialogue& dialogue, const Command& command) {
  DimseStatus failure;
  try {
    auto query = read_query(dialogue, command);
    auto objects = dialogue.services.select(query.request);
    return Selection{std::move(query), std::move(objects)};
  } catch (const NetworkError&) {
    throw;
  } catch (const ReleaseRequested&) {
    throw;
  } catch (...) {
    failure = status_of(std::current_exception(), Operation::query);
  }
  dialogue.association.send(command.context_id, response_to(command.set, failure));
  return std::nullopt;
}

SubOperations::SubOperations(Dialogue& dialogue, const Command& command, const Selection& selection)
    : dialogue_(dialogue), command_(command), query_(selection.query), remaining_(selection.objects.size()) {}

void SubOperations::note(const Retrievable& object, const SendOutcome& outcome) {
  --remaining_;
  if (outcome.kind != SendOutcome::Kind::sent) {
    failed_.push_back(object.name.sop_instance_uid);
    last_failure_ = outcome.text();
  } else {
    ++(outcome.status == status::success ? completed_ : warnings_);
  }
  tell_when_due();
}

void SubOperations::tell_when_due() {
  const auto now = Channel::Clock::now();
  if (remaining_ == 0 || now - last_told_ < pending_interval) return;
  last_told_ = now;
  auto response = response_to(command_.set, {status::pending, ""});
  response.set(command_element::number_of_remaining_sub_operations, count_field(remaining_));
  put_counts(response);
  dialogue_.association.send(query_.context_id, std::move(response));
}

void SubOperations::tell_final() {
  auto response = response_to(command_.set, verdict());
  if (cancelled_) response.set(command_element::number_of_remaining_sub_operations, count_field(remaining_));
  put_counts(response);
  if (failed_.empty()) return dialogue_.association.send(query_.context_id, std::move(response));
  dialogue_.association.send(query_.context_id, std::move(response),
                             encode_failed_list(failed_, query_.transfer_syntax));
}

DimseStatus SubOperations::verdict() const {
  if (cancelled_) return {status::cancelled, "cancelled"};
  if (failed_.empty()) return {};
  const bool all = completed_ + warnings_ == 0;
  return {all ? status::unable_to_perform_sub_operations : status::sub_operations_with_failures, last_failure_};
}

void SubOperations::put_counts(CommandSet& response) const {
  response.set(command_element::number_of_completed_sub_operations, count_field(completed_))
      .set(command_element::number_of_failed_sub_operations, count_field(failed_.size()))
      .set(command_element::number_of_warning_sub_operations, count_field(warnings_));
}

}  // namespace punctum
