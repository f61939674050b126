#include "tests/fuzz/loopback_node.hpp"

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::fuzz {
namespace {

constexpr std::size_t most_bytes_kept = 1 << 20;

class ParsingSink : public StoreSink {
 public:
  explicit ParsingSink(Uid transfer_syntax_uid) : transfer_syntax_uid_(std::move(transfer_syntax_uid)) {}
  void write(ByteView bytes) override {
    if (data_set_.size() + bytes.size() > most_bytes_kept) throw OutOfResources("cannot keep: too large");
    data_set_.insert(data_set_.end(), bytes.begin(), bytes.end());
  }
  void finish() override { (void)parse_dataset_header(data_set_, transfer_syntax_uid_, data_set_.size()); }

 private:
  Uid transfer_syntax_uid_;
  Bytes data_set_;
};

Services services() {
  Services services;
  services.begin_store = [](const StoreRequest& request) {
    return std::make_unique<ParsingSink>(request.transfer_syntax_uid);
  };
  services.find = [](const QueryRequest& request, const std::function<bool(const Identifier&)>& emit,
                     const Interruption&) {
    for (int i = 0; i < 3 && emit(request.keys); ++i) continue;
  };
  services.select = [objects = two_objects()](const QueryRequest&) { return objects; };
  services.peer = [](const AeTitle&) -> std::optional<Peer> { return std::nullopt; };
  services.request_commitment = [](const Caller&, const Commitment&) {};
  services.report_here = [](const Caller&, const Uid& transaction_uid) {
    return std::optional(
        Commitment{transaction_uid, {{Uid::require("1.2.840.10008.5.1.4.1.1.2"), Uid::require("1.2.3")}}});
  };
  services.reason_not_kept = [](const CommittedObject&) { return commitment_failure::none; };
  services.reported_here = [](const Caller&, const Uid&, bool) {};
  services.take_report = [](const Caller&, const Commitment&) { return true; };
  return services;
}

}  // namespace

std::vector<Retrievable> two_objects() {
  std::vector<Retrievable> objects;
  for (int i = 1; i <= 2; ++i) {
    objects.push_back(retrievable(test::CtSliceBuilder().instance(i).build().file));
  }
  return objects;
}

LoopbackNode& LoopbackNode::instance() {
  static LoopbackNode node;
  return node;
}

LoopbackNode::LoopbackNode() : server_({}, services()) { server_.start(); }

bool LoopbackNode::converse(ByteView stream) {
  test::RawPeer peer(server_.port());
  peer.send(stream);
  peer.finish_sending();
  return peer.wait_for_close();
}

const Bytes& good_request() {
  static const Bytes request = test::associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}},
                                                   {3, "1.2.840.10008.5.1.4.1.1.2", {"1.2.840.10008.1.2.1"}},
                                                   {5, "1.2.840.10008.5.1.4.1.2.2.1", {"1.2.840.10008.1.2"}},
                                                   {7, "1.2.840.10008.5.1.4.1.2.2.3", {"1.2.840.10008.1.2"}},
                                                   {9, "1.2.840.10008.5.1.4.1.2.2.2", {"1.2.840.10008.1.2"}},
                                                   {11, "1.2.840.10008.1.20.1", {"1.2.840.10008.1.2"}}});
  return request;
}

}  // namespace punctum::fuzz
