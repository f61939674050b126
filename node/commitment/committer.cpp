#include "node/commitment/committer.hpp"

#include <algorithm>
#include <utility>

#include "dicom/types/error.hpp"
#include "node/commitment/kept_check.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

constexpr std::size_t objects_a_request = 1000;
constexpr std::chrono::milliseconds nap{1000};
constexpr std::chrono::hours strangers_wait{1};

std::int64_t failures_in(const Commitment& commitment) {
  return std::ranges::count_if(commitment.objects, [](const CommittedObject& object) {
    return object.failure_reason != commitment_failure::none;
  });
}

}  // namespace

Committer::Committer(Archive& archive, CommitmentStore& store, std::map<AeTitle, Peer> peers, Messages messages,
                     Rules rules)
    : archive_(archive), store_(store), peers_(std::move(peers)), messages_(std::move(messages)), rules_(rules) {}

void Committer::take_request(const Caller& caller, const Commitment& commitment) {
  store_.add(caller.calling.str(), commitment);
  log_event(LogLevel::info, "commitment", "asked",
            {{"peer", caller.calling},
             {"transaction", commitment.transaction_uid},
             {"objects", commitment.objects.size()},
             {"association", caller.association_id}});
  asked_.ring();
}

std::uint16_t Committer::reason_not_kept(const CommittedObject& object) const {
  return punctum::reason_not_kept(archive_, object);
}

std::optional<Commitment> Committer::answer_to(Promise promise, const std::stop_token& stop) const {
  for (auto& object : promise.commitment.objects) {
    if (stop.stop_requested()) return std::nullopt;
    object.failure_reason = reason_not_kept(object);
  }
  return std::move(promise.commitment);
}

std::optional<Commitment> Committer::report_here(const Caller& caller, const Uid& transaction_uid) const {
  if (peers_.contains(caller.calling)) return std::nullopt;
  auto promise = store_.find(caller.calling.str(), transaction_uid);
  if (!promise) return std::nullopt;
  return std::move(promise->commitment);
}

void Committer::reported_here(const Caller& caller, const Uid& transaction_uid, bool taken) {
  try {
    const auto promise = store_.find(caller.calling.str(), transaction_uid);
    if (!promise) return;
    if (taken) return store_.answered(promise->id);
    store_.give_up(promise->id, "the peer did not take the report, and is none that can be called");
  } catch (const Error& error) {  // the peer has its answer: what else it does on the association goes on
    log_event(LogLevel::error, "commitment", "not_noted", {{"transaction", transaction_uid}, {"why", error.what()}});
  }
}

bool Committer::take_report(const AeTitle& peer, const Commitment& report) {
  const bool ours = store_.settle(peer.str(), report, rules_.deliveries);
  const auto failures = failures_in(report);
  log_event(ours && failures == 0 ? LogLevel::info : LogLevel::warning, "commitment", ours ? "reported" : "unknown",
            {{"peer", peer},
             {"transaction", report.transaction_uid},
             {"objects", report.objects.size()},
             {"failures", failures}});
  return ours;
}

void Committer::delivered(const SopInstance& name, const Peer& peer) {
  if (!peer.commitment) return;
  store_.wish({name.sop_class_uid, name.sop_instance_uid}, peer.ae_title.str());
  asked_.ring();
}

bool Committer::report_next(const std::stop_token& stop) {
  const auto promise = store_.due();
  if (!promise) return false;
  const auto title = AeTitle::parse(promise->peer);
  const auto peer = title ? peers_.find(*title) : peers_.end();
  if (peer == peers_.end()) {  // a stranger: the association on which it asked has the answer, as long as it stands
    if (promise->attempts == 0) {
      store_.retry(promise->id, "waits for the association that asked", strangers_wait);
    } else {
      store_.give_up(promise->id, "the peer is none that can be called");
    }
    return true;
  }
  const auto checked = answer_to(*promise, stop);
  if (!checked) return false;  // it is due at the next start
  const auto& answer = *checked;
  const auto outcome = messages_.report(peer->second, answer, stop);
  const bool taken = outcome.kind == SendOutcome::Kind::sent;
  const int attempt = promise->attempts + 1;
  const auto delay = rules_.reporting.delay_after(attempt);
  const bool again = !taken && attempt < rules_.reporting.attempts;
  if (taken) {
    store_.answered(promise->id);
  } else if (again) {  // also after a permanent refusal: somebody may mend the peer, and its images wait there
    store_.retry(promise->id, outcome.text(), delay);
  } else {
    store_.give_up(promise->id, outcome.text());
  }
  log_event(taken ? LogLevel::info : LogLevel::warning, "commitment",
            taken   ? "answered"
            : again ? "retry"
                    : "given_up",
            {{"peer", promise->peer},
             {"transaction", answer.transaction_uid},
             {"objects", answer.objects.size()},
             {"failures", failures_in(answer)},
             {"attempt", attempt},
             {"why", outcome.message},
             {"retry_in_ms", again ? delay.count() : 0}});
  return true;
}

std::size_t Committer::ask_due(const std::stop_token& stop) {
  std::size_t asked = 0;
  for (const auto& [title, peer] : peers_) {
    if (peer.commitment && !stop.stop_requested()) asked += ask(peer, stop);
  }
  return asked;
}

std::size_t Committer::ask(const Peer& peer, const std::stop_token& stop) {
  const auto wishes = store_.due_wishes(peer.ae_title.str(), objects_a_request);
  if (wishes.empty()) return 0;
  Commitment commitment{Uid::random(), {}};
  int attempt = rules_.asking.attempts;  // of those that have tried least
  for (const auto& wish : wishes) {
    commitment.objects.push_back(wish.object);
    attempt = std::min(attempt, wish.attempts + 1);
  }
  store_.asked(peer.ae_title.str(), commitment, rules_.report_within);
  const auto outcome = messages_.request(peer, commitment, stop, [&](const Commitment& report) -> DimseStatus {
    if (take_report(peer.ae_title, report)) return {};
    return {status::invalid_argument_value, "no such transaction"};
  });
  const bool taken = outcome.kind == SendOutcome::Kind::sent;
  const bool transient = outcome.kind == SendOutcome::Kind::transient;
  const bool again = transient && attempt < rules_.asking.attempts;
  const auto delay = rules_.asking.delay_after(attempt);
  std::size_t given_up = 0;
  if (transient) {
    given_up = store_.not_asked(commitment.transaction_uid, outcome.text(), delay, rules_.asking.attempts);
  } else if (!taken) {
    store_.give_up_wishes(commitment.transaction_uid, outcome.text());
    given_up = wishes.size();
  }
  log_event(taken ? LogLevel::info : LogLevel::warning, "commitment",
            taken   ? "requested"
            : again ? "request_retry"
                    : "request_failed",
            {{"peer", peer.ae_title},
             {"transaction", commitment.transaction_uid},
             {"objects", commitment.objects.size()},
             {"given_up", given_up},
             {"attempt", attempt},
             {"why", outcome.message}});
  return wishes.size();
}

void Committer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      const bool reported = report_next(stop);
      if (ask_due(stop) > 0 || reported) continue;
    } catch (const std::exception& error) {
      if (stop.stop_requested()) return;
      log_event(LogLevel::error, "commitment", "queue_failed", {{"why", error.what()}});
    }
    asked_.wait(stop, nap);
  }
}

}  // namespace punctum
