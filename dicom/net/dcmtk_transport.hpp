#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/dcmlayer.h>

#include <chrono>
#include <memory>
#include <stop_token>

#include "dicom/net/channel.hpp"

namespace punctum {

/// Makes DCMTK read and write through a Channel. DCMTK deletes the connections that it is given whenever it likes, so
/// the Channel is shared with it.
class ChannelLayer : public DcmTransportLayer {
 public:
  /// For an accepted socket.
  explicit ChannelLayer(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  /// For the socket that DCMTK is going to open.
  ChannelLayer(std::stop_token stop, std::chrono::seconds timeout) : stop_(std::move(stop)), timeout_(timeout) {}
  ChannelLayer(ChannelLayer&& other) noexcept
      : channel_(std::move(other.channel_)), stop_(std::move(other.stop_)), timeout_(other.timeout_) {}

  const std::shared_ptr<Channel>& channel() const noexcept { return channel_; }
  DcmTransportConnection* createConnection(DcmNativeSocketType open_socket, OFBool use_secure_layer) override;

 private:
  std::shared_ptr<Channel> channel_;
  std::stop_token stop_;
  std::chrono::seconds timeout_{};
};

}  // namespace punctum
