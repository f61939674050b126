#include "node/delivery/deliverer.hpp"

#include <thread>
#include <utility>

#include "dicom/types/error.hpp"
#include "node/change_feed.hpp"
#include "node/query/query_service.hpp"
#include "node/runtime/clock.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

using std::chrono::milliseconds;

constexpr const char* holder = "deliver";
constexpr std::size_t batch = 64;
constexpr milliseconds lease{600000};  // a batch over a slow line
constexpr milliseconds nap{500};

}  // namespace

Deliverer::Deliverer(const Archive& archive, DeliveryStore& deliveries, FollowerStore& followers,
                     std::vector<Peer> peers, Send send, RetryPolicy policy, Delivered delivered)
    : archive_(archive),
      deliveries_(deliveries),
      followers_(followers),
      peers_(std::move(peers)),
      send_(std::move(send)),
      policy_(policy),
      delivered_(std::move(delivered)) {}

std::size_t Deliverer::queue_new_results() {
  std::size_t queued = 0;
  follow_changes(archive_, followers_, follower::deliver, [&](std::span<const Change> changes) {
    for (const auto& change : changes) {
      if (change.origin != Origin::produced) continue;
      for (const auto& peer : peers_) {
        deliveries_.add(change.name.sop_instance_uid, peer.ae_title.str());
        ++queued;
      }
    }
  });
  return queued;
}

std::size_t Deliverer::send_due(const std::stop_token& stop) {
  std::size_t tried = 0;
  for (const auto& peer : peers_) tried += send_batch(peer, stop);
  return tried;
}

std::size_t Deliverer::send_batch(const Peer& peer, const std::stop_token& stop) {
  std::vector<Delivery> due;
  std::vector<Retrievable> objects;
  for (auto& delivery : deliveries_.claim(holder, peer.ae_title.str(), batch, lease)) {
    if (const auto stored = archive_.instance(delivery.sop_instance_uid)) {
      objects.push_back(to_retrievable(archive_, *stored));
      due.push_back(std::move(delivery));
    } else {
      deliveries_.failed(delivery.id, "the object is not in the archive");
    }
  }
  if (objects.empty()) return 0;
  const Stopwatch watch;
  const auto outcomes = send_(peer, objects, stop);
  for (std::size_t i = 0; i < due.size(); ++i) {
    // First the wish, then the end of the delivery: a crash in between asks once too often, not once too seldom.
    if (delivered_ && outcomes.at(i).kind == SendOutcome::Kind::sent) delivered_(objects[i].name, peer);
    settle(due[i], outcomes.at(i));
  }
  log_event(LogLevel::info, "deliver", "batch",
            {{"peer", peer.str()}, {"objects", objects.size()}, {"send_ms", watch.ms()}});
  return due.size();
}

void Deliverer::settle(const Delivery& delivery, const SendOutcome& outcome) {
  const bool sent = outcome.kind == SendOutcome::Kind::sent;
  const bool again = outcome.kind == SendOutcome::Kind::transient && delivery.attempts < policy_.attempts;
  const auto delay = policy_.delay_after(delivery.attempts);
  if (sent) {
    deliveries_.sent(delivery.id);
  } else if (again) {
    deliveries_.retry(delivery.id, outcome.text(), delay);
  } else {
    deliveries_.failed(delivery.id, outcome.text());
  }
  log_event(sent ? LogLevel::info : LogLevel::warning, "deliver",
            sent    ? "sent"
            : again ? "retry"
                    : "failed",
            {{"peer", delivery.peer},
             {"instance", delivery.sop_instance_uid},
             {"attempt", delivery.attempts},
             {"status", outcome.status},
             {"why", outcome.message},
             {"retry_in_ms", again ? delay.count() : 0}});
}

void Deliverer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      queue_new_results();
      if (send_due(stop) > 0) continue;
      if (archive_.wait_for_change(followers_.position(follower::deliver), nap))
        std::this_thread::sleep_for(between_looks);
    } catch (const std::exception& error) {
      log_event(LogLevel::error, "deliver", "queue_failed", {{"why", error.what()}});
      std::this_thread::sleep_for(nap);
    }
  }
}

}  // namespace punctum
