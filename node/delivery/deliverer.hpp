#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "dicom/net/store_scu.hpp"
#include "node/delivery/retry_policy.hpp"
#include "storage/archive.hpp"
#include "storage/delivery_store.hpp"
#include "storage/follower_store.hpp"

namespace punctum {

/// Sends what the pipeline made to every peer of `deliver`. Follows the change feed, so that no result is forgotten;
/// the queue is durable, one association carries a batch, a transient failure is tried again with growing delays, a
/// permanent one ends at once. One thread.
class Deliverer {
 public:
  /// Puts objects on a line to a peer, one outcome each: send_objects. Given in, so that tests need no peer.
  using Send =
      std::function<std::vector<SendOutcome>(const Peer&, const std::vector<Retrievable>&, const std::stop_token&)>;

  /// Told of every object that a peer has taken.
  using Delivered = std::function<void(const SopInstance&, const Peer&)>;

  Deliverer(const Archive& archive, DeliveryStore& deliveries, FollowerStore& followers, std::vector<Peer> peers,
            Send send, RetryPolicy policy = {}, Delivered delivered = {});

  /// Queues results that became visible since the last call. @return how many deliveries were queued.
  std::size_t queue_new_results();
  /// One batch for every peer. @return how many objects were tried.
  std::size_t send_due(const std::stop_token& stop = {});
  void run(const std::stop_token& stop);

 private:
  std::size_t send_batch(const Peer& peer, const std::stop_token& stop);
  void settle(const Delivery& delivery, const SendOutcome& outcome);

  const Archive& archive_;
  DeliveryStore& deliveries_;
  FollowerStore& followers_;
  std::vector<Peer> peers_;
  Send send_;
  RetryPolicy policy_;
  Delivered delivered_;
};

}  // namespace punctum
