#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "dicom/net/commitment.hpp"
#include "node/delivery/retry_policy.hpp"
#include "node/runtime/wake_up.hpp"
#include "storage/archive.hpp"
#include "storage/commitment_store.hpp"

namespace punctum {

/// Storage Commitment both ways. What peers ask is durable before they are told so, checked against the stored
/// digests, and reported until they have taken it, over days if need be. What was delivered to peers that offer it is
/// asked about in turn; what they do not keep is delivered again.
/// run() on one thread; everything else from any.
class Committer {
 public:
  using OnReport = std::function<DimseStatus(const Commitment&)>;
  /// The messages, given in, so that tests need no peer.
  struct Messages {
    std::function<SendOutcome(const Peer&, const Commitment&, const std::stop_token&)> report;
    std::function<SendOutcome(const Peer&, const Commitment&, const std::stop_token&, const OnReport&)> request;
  };
  struct Rules {
    RetryPolicy reporting{200, std::chrono::seconds(30), std::chrono::hours(1)};  ///< eight days
    RetryPolicy asking{20, std::chrono::minutes(1), std::chrono::hours(6)};       ///< three days
    std::chrono::milliseconds report_within = std::chrono::hours(24);             ///< then the peer is asked again
    int deliveries = 3;
  };

  /// @param peers those that can be called, by title; what they say of commitment counts.
  Committer(Archive& archive, CommitmentStore& store, std::map<AeTitle, Peer> peers, Messages messages, Rules rules);

  // For the association threads (dicom/net/services.hpp).
  void take_request(const Caller& caller, const Commitment& commitment);
  std::optional<Commitment> report_here(const Caller& caller, const Uid& transaction_uid) const;
  std::uint16_t reason_not_kept(const CommittedObject& object) const;
  void reported_here(const Caller& caller, const Uid& transaction_uid, bool taken);
  bool take_report(const AeTitle& peer, const Commitment& report);

  /// For the deliverer: the peer has taken the object.
  void delivered(const SopInstance& name, const Peer& peer);

  bool report_next(const std::stop_token& stop = {});     ///< @return whether there was one
  std::size_t ask_due(const std::stop_token& stop = {});  ///< @return how many objects were asked about
  void run(const std::stop_token& stop);

 private:
  /// What is kept at this moment: between two attempts a study may have been deleted, or a file have been damaged.
  /// Nothing if the node stops before all was read back.
  std::optional<Commitment> answer_to(Promise promise, const std::stop_token& stop) const;
  std::size_t ask(const Peer& peer, const std::stop_token& stop);

  Archive& archive_;
  CommitmentStore& store_;
  std::map<AeTitle, Peer> peers_;
  Messages messages_;
  Rules rules_;
  WakeUp asked_;
};

}  // namespace punctum
