#include "node/association_log.hpp"

#include "node/runtime/log.hpp"

namespace punctum {
namespace {

const char* word_for(AssociationEvent::Kind kind) {
  switch (kind) {
    case AssociationEvent::Kind::accepted:
      return "accepted";
    case AssociationEvent::Kind::rejected:
      return "rejected";
    case AssociationEvent::Kind::turned_away:
      return "turned_away";
    case AssociationEvent::Kind::released:
      return "released";
    case AssociationEvent::Kind::aborted:
      return "aborted";
  }
  return "unknown";
}

bool is_usual(AssociationEvent::Kind kind) {
  return kind == AssociationEvent::Kind::accepted || kind == AssociationEvent::Kind::released;
}

}  // namespace

void log_association(const AssociationEvent& event) {
  log_event(is_usual(event.kind) ? LogLevel::info : LogLevel::warning, "scp", word_for(event.kind),
            {{"association", event.association_id},
             {"calling", event.calling},
             {"called", event.called},
             {"address", event.address},
             {"requests", event.requests},
             {"open_ms", event.seconds * 1000},
             {"why", event.reason}});
}

}  // namespace punctum
