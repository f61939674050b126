#include "dicom/net/session.hpp"

#include "dicom/net/dialogue.hpp"
#include "dicom/types/commitment.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

/// A sender may be between two objects when the server wants to stop.
constexpr auto draining_patience = std::chrono::seconds(1);

namespace rejection {
constexpr Rejection application_context{1, 1, 2};  // PS3.8 9.3.4
constexpr Rejection calling_title{1, 1, 3};
constexpr Rejection called_title{1, 1, 7};
}  // namespace rejection

struct Refused {
  Rejection rejection;
  std::string reason;
};

/// With a list of callers, both titles must be right: a caller that is trusted by name should at least know ours.
/// Without one, anybody may call us anything, as most archives allow.
std::optional<Refused> examine(const Association& association, const ScpOptions& options) {
  if (!association.speaks_dicom()) return Refused{rejection::application_context, "application context is not DICOM"};
  const auto calling = AeTitle::parse(association.calling_title());
  const auto called = AeTitle::parse(association.called_title());
  if (!calling) return Refused{rejection::calling_title, "calling AE title is empty"};
  if (!called) return Refused{rejection::called_title, "called AE title is empty"};
  if (!options.callers) return std::nullopt;
  if (!options.callers->contains(*calling)) return Refused{rejection::calling_title, "caller is not in the list"};
  if (*called != options.ae_title) return Refused{rejection::called_title, "called AE title is not ours"};
  return std::nullopt;
}

void drain_data_set(Dialogue& dialogue, const Command& command) {
  if (command.set.has_data_set()) (void)dialogue.association.read_data_set(command.context_id, 0);
}

void answer(Dialogue& dialogue, const Command& command, const DimseStatus& status) {
  drain_data_set(dialogue, command);
  dialogue.association.send(command.context_id, response_to(command.set, status));
}

using Service = void (*)(Dialogue&, const Command&);
void serve_echo(Dialogue& dialogue, const Command& command) { answer(dialogue, command, {}); }

/// The service for a command in a presentation context of this SOP class; null if they do not fit.
Service service_for(std::uint16_t field, std::string_view sop_class) {
  const auto one_of = [&](std::string_view patient_root, std::string_view study_root) {
    return sop_class == patient_root || sop_class == study_root;
  };
  switch (field) {
    case command::c_echo_rq:
      return sop_class == sop_class::verification ? serve_echo : nullptr;
    case command::c_store_rq:
      return serve_store;  // looks closer itself
    case command::c_find_rq:
      return one_of(sop_class::patient_root_find, sop_class::study_root_find) ? serve_find : nullptr;
    case command::c_move_rq:
      return one_of(sop_class::patient_root_move, sop_class::study_root_move) ? serve_move : nullptr;
    case command::c_get_rq:
      return one_of(sop_class::patient_root_get, sop_class::study_root_get) ? serve_get : nullptr;
    case command::n_action_rq:
      return sop_class == sop_class::storage_commitment_push ? serve_commitment_request : nullptr;
    case command::n_event_report_rq:
      return sop_class == sop_class::storage_commitment_push ? serve_commitment_report : nullptr;
    default:
      return nullptr;
  }
}

bool is_request_we_know(std::uint16_t field) {
  return field == command::c_echo_rq || field == command::c_store_rq || field == command::c_find_rq ||
         field == command::c_move_rq || field == command::c_get_rq;
}

void dispatch(Dialogue& dialogue, const Command& command) {
  const auto field = command.set.field();
  if (field == command::c_cancel_rq) return;  // too late: what it means has been answered
  if (!command.set.number(command_element::command_field) || !command.set.number(command_element::message_id) ||
      !command.set.number(command_element::command_data_set_type)) {
    throw ProtocolError("the command lacks field, message ID or data set type");
  }
  if ((field & command::response) != 0) throw ProtocolError("the peer sent a response to nothing");
  const auto& sop_class = dialogue.association.context(command.context_id)->abstract_syntax;
  if (const auto service = service_for(field, sop_class)) return service(dialogue, command);
  if (is_request_we_know(field)) {
    return answer(dialogue, command, {status::sop_class_not_supported, "operation does not fit the SOP class"});
  }
  answer(dialogue, command, {status::unrecognized_operation, "operation is not supported"});
}

void wait_for_request(Dialogue& dialogue, int draining) {
  auto& association = dialogue.association;
  auto wake = association.wait_readable(dialogue.options.idle_timeout, draining);
  if (wake == Channel::Wake::signal) {
    if (association.wait_readable(draining_patience) == Channel::Wake::readable) return;
    throw NetworkError("the server stops");
  }
  if (wake == Channel::Wake::timeout) throw NetworkError("the peer was silent for too long");
}

/// Tells the observer; keeps what several events of one association have in common.
class Journal {
 public:
  Journal(const Services& services, std::string address, std::int64_t id) : services_(services) {
    event_.address = std::move(address);
    event_.association_id = id;
  }
  void titles(const Association& association) {
    event_.calling = association.calling_title();
    event_.called = association.called_title();
  }
  void count_request() { ++event_.requests; }
  void tell(AssociationEvent::Kind kind, std::string reason = {}) {
    event_.kind = kind;
    event_.reason = std::move(reason);
    event_.seconds = std::chrono::duration<double>(Channel::Clock::now() - begin_).count();
    if (services_.observe) services_.observe(event_);
  }

 private:
  const Services& services_;
  AssociationEvent event_;
  Channel::Clock::time_point begin_ = Channel::Clock::now();
};

using Kind = AssociationEvent::Kind;

void converse(Association& association, const Guest& guest, std::int64_t id, const SessionSettings& settings,
              Journal& journal) {
  Dialogue dialogue{
      association,
      settings.services,
      settings.options,
      {AeTitle::require(association.calling_title()), AeTitle::require(association.called_title()), guest.address, id},
      settings.stop};
  try {
    for (;;) {
      send_owed_report(dialogue);
      wait_for_request(dialogue, settings.draining);
      const auto command = association.read_command();
      if (take_report_answer(dialogue, command)) continue;
      dispatch(dialogue, command);
      journal.count_request();
    }
  } catch (const ReleaseRequested&) {
    association.confirm_release();
    journal.tell(Kind::released);
  } catch (const ProtocolError& error) {
    association.abort(/*by_provider=*/true);
    journal.tell(Kind::aborted, error.what());
  } catch (const std::exception& error) {
    association.abort(/*by_provider=*/false);
    journal.tell(Kind::aborted, error.what());
  }
}

}  // namespace

void run_session(Guest guest, std::int64_t association_id, const SessionSettings& settings) noexcept {
  Journal journal(settings.services, guest.address, association_id);
  try {
    auto association = Association::receive(std::move(guest.socket), std::move(guest.associate_rq),
                                            settings.options.max_pdu, settings.stop);
    journal.titles(association);
    if (const auto refused = examine(association, settings.options)) {
      association.reject(refused->rejection);
      return journal.tell(Kind::rejected, refused->reason);
    }
    association.set_patience(settings.options.idle_timeout);
    association.accept(settings.services.request_commitment != nullptr);
    journal.tell(Kind::accepted);
    converse(association, guest, association_id, settings, journal);
  } catch (const std::exception& error) {
    journal.tell(Kind::aborted, error.what());
  }
}

}  // namespace punctum
