#include "tests/unit/net/fake_node.hpp"

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"

namespace punctum::test {

class FakeNode::Sink : public StoreSink {
 public:
  Sink(FakeNode& node, StoreRequest request) : node_(node), request_(std::move(request)) {}
  void write(ByteView bytes) override {
    written_ += bytes.size();
    if (node_.keep_objects) data_set_.insert(data_set_.end(), bytes.begin(), bytes.end());
    node_.on_write(request_, written_);
  }
  void finish() override {
    node_.on_finish(request_);
    const std::lock_guard lock(node_.mutex_);
    node_.stored_.insert_or_assign(
        request_.sop_instance_uid.str(),
        StoredObject{request_.sop_class_uid, request_.transfer_syntax_uid, std::move(data_set_)});
  }

 private:
  FakeNode& node_;
  StoreRequest request_;
  std::size_t written_ = 0;
  Bytes data_set_;
};

Services FakeNode::services() {
  Services services;
  services.transcode = transcode;
  services.begin_store = [this](const StoreRequest& request) {
    const std::lock_guard lock(mutex_);
    store_requests_.push_back(request);
    return std::make_unique<Sink>(*this, request);
  };
  services.find = [this](const QueryRequest& request, const std::function<bool(const Identifier&)>& emit,
                         const Interruption& interruption) {
    {
      const std::lock_guard lock(mutex_);
      queries_.push_back(request);
    }
    on_find(request, emit, interruption);
  };
  services.select = [this](const QueryRequest& request) {
    const std::lock_guard lock(mutex_);
    queries_.push_back(request);
    return retrievables;
  };
  services.peer = [this](const AeTitle& title) -> std::optional<Peer> {
    const auto found = peers.find(title);
    return found == peers.end() ? std::nullopt : std::optional(found->second);
  };
  services.observe = [this](const AssociationEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  };
  return services;
}

std::map<std::string, StoredObject> FakeNode::stored() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}
std::vector<AssociationEvent> FakeNode::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}
std::vector<QueryRequest> FakeNode::queries() const {
  const std::lock_guard lock(mutex_);
  return queries_;
}
std::vector<StoreRequest> FakeNode::store_requests() const {
  const std::lock_guard lock(mutex_);
  return store_requests_;
}

RunningServer::RunningServer(FakeNode& node, ScpOptions options)
    : server(options, node.services()), title(options.ae_title) {
  server.start();
}
RunningServer::~RunningServer() { server.stop(std::chrono::seconds(2)); }
Peer RunningServer::peer() const { return {title, "127.0.0.1", server.port()}; }

Retrievable retrievable_from(Bytes part10) {
  const auto layout = locate_dataset(part10);
  const auto dataset = parse_part10(part10, Extent::header);
  return retrievable({require_sop_instance(*dataset), layout.transfer_syntax_uid, std::move(part10)});
}

Bytes file_of(const Retrievable& object) { return object.open()(0, object.file_size); }

Bytes data_set_of(const Bytes& part10) {
  const auto layout = locate_dataset(part10);
  return {part10.begin() + static_cast<std::ptrdiff_t>(layout.dataset_offset), part10.end()};
}

}  // namespace punctum::test
