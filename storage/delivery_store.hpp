#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/types/uid.hpp"

namespace punctum {

enum class DeliveryState { waiting, sending, sent, failed };
std::string_view to_string(DeliveryState state);

/// One object for one peer.
struct Delivery {
  std::int64_t id = 0;
  Uid sop_instance_uid;
  std::string peer;  ///< AE title in the configuration's peers
  DeliveryState state = DeliveryState::waiting;
  int attempts = 0;
  std::string message;
  std::int64_t not_before_utc_ms = 0;
};

/// Outgoing objects that survive a restart. Any thread.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  virtual void add(const Uid& sop_instance_uid, const std::string& peer) = 0;  ///< no-op if it is there already
  /// The oldest that are due for this peer (waiting, or given out under a lease that has ended), now held by this
  /// holder.
  virtual std::vector<Delivery> claim(const std::string& holder, const std::string& peer, std::size_t limit,
                                      std::chrono::milliseconds lease) = 0;
  virtual void sent(std::int64_t id) = 0;
  virtual void retry(std::int64_t id, const std::string& why, std::chrono::milliseconds delay) = 0;
  virtual void failed(std::int64_t id, const std::string& why) = 0;
  virtual std::vector<Delivery> list(std::size_t limit) const = 0;
};

}  // namespace punctum
