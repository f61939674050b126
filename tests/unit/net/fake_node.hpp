#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dicom/net/scp_server.hpp"
#include "dicom/net/services.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum::test {

struct StoredObject {
  Uid sop_class_uid, transfer_syntax_uid;
  Bytes data_set;
};

/// The node behind an ScpServer under test: a map in memory. Set the hooks before the server starts.
class FakeNode {
 public:
  Services services();

  std::map<std::string, StoredObject> stored() const;  ///< by SOP Instance UID
  std::vector<AssociationEvent> events() const;
  std::vector<QueryRequest> queries() const;
  std::vector<StoreRequest> store_requests() const;

  bool keep_objects = true;
  std::function<void(const StoreRequest&, std::size_t written)> on_write = [](auto&, auto) {};
  std::function<void(const StoreRequest&)> on_finish = [](auto&) {};
  std::function<void(const QueryRequest&, const std::function<bool(const Identifier&)>& emit,
                     const Interruption& interruption)>
      on_find = [](auto&, auto&, auto&) {};
  std::vector<Retrievable> retrievables;
  std::map<AeTitle, Peer> peers;
  Transcoder transcode = transcoded;

 private:
  class Sink;
  mutable std::mutex mutex_;
  std::map<std::string, StoredObject> stored_;
  std::vector<AssociationEvent> events_;
  std::vector<QueryRequest> queries_;
  std::vector<StoreRequest> store_requests_;
};

/// A node that serves on a free loopback port until the end of the scope.
struct RunningServer {
  explicit RunningServer(FakeNode& node, ScpOptions options = {});
  ~RunningServer();
  Peer peer() const;
  std::string port() const { return std::to_string(server.port()); }
  ScpServer server;
  AeTitle title;
};

/// What send_objects takes, from a DICOM file.
Retrievable retrievable_from(Bytes part10);
Bytes file_of(const Retrievable& object);
/// The data set of a DICOM file, as it lies there.
Bytes data_set_of(const Bytes& part10);

}  // namespace punctum::test
