#include "dicom/net/dcmtk_transport.hpp"

#include <dcmtk/dcmnet/dcmtrans.h>

#include "dicom/net/tcp.hpp"

namespace punctum {
namespace {

class ChannelConnection : public DcmTransportConnection {
 public:
  explicit ChannelConnection(std::shared_ptr<Channel> channel)
      : DcmTransportConnection(channel->descriptor()), channel_(std::move(channel)) {}

  OFCondition serverSideHandshake() override { return EC_Normal; }
  OFCondition clientSideHandshake() override { return EC_Normal; }
  OFCondition renegotiate(const char*) override { return EC_Normal; }
  ssize_t read(void* buffer, size_t size) override { return channel_->read(buffer, size); }
  ssize_t write(void* buffer, size_t size) override { return channel_->write(buffer, size); }
  void close() override {}  // the Association closes it, in its own time
  void closeTransportConnection() override {}
  unsigned long getPeerCertificateLength() override { return 0; }
  unsigned long getPeerCertificate(void*, unsigned long) override { return 0; }
  OFBool networkDataAvailable(int timeout_s) override {
    return channel_->wait_readable(std::chrono::seconds(timeout_s)) == Channel::Wake::readable;
  }
  OFBool isTransparentConnection() override { return OFFalse; }  // so that DCMTK asks us, and not the socket
  OFString& dumpConnectionParameters(OFString& text) override { return text = "TCP"; }

 private:
  std::shared_ptr<Channel> channel_;
};

}  // namespace

DcmTransportConnection* ChannelLayer::createConnection(DcmNativeSocketType open_socket, OFBool) {
  if (!channel_) {
    tcp::tune(open_socket);
    channel_ = std::make_shared<Channel>(FileDescriptor(open_socket), Bytes{}, stop_);
    channel_->set_deadline(timeout_);
    channel_->set_write_patience(timeout_);
  }
  return new ChannelConnection(channel_);
}

}  // namespace punctum
