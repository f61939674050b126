#pragma once

#include "dicom/net/scp_server.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum::fuzz {

/// A server that lives as long as the process, behind it a node without memory: it parses what it is sent as ingest
/// does, answers every query with a match, every retrieval with two small objects, and promises to keep everything.
class LoopbackNode {
 public:
  static LoopbackNode& instance();

  /// Sends the bytes over a connection of their own, says that no more will come, and reads until the server closes.
  /// @return whether it closed within ten seconds.
  bool converse(ByteView stream);

 private:
  LoopbackNode();
  ScpServer server_;
};

/// An association request for verification (1), CT storage (3), Study Root find (5), get (7) and move (9), and Storage
/// Commitment (11).
const Bytes& good_request();

/// Two CT images to send.
std::vector<Retrievable> two_objects();

}  // namespace punctum::fuzz
