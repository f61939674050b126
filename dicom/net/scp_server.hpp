#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "dicom/net/services.hpp"

namespace punctum {

struct ScpOptions {
  AeTitle ae_title = AeTitle::require("PUNCTUM");
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;             ///< 0: a free one
  std::size_t max_associations = 64;  ///< one thread each; further callers get a transient rejection
  std::uint32_t max_pdu = 131072;
  std::chrono::seconds idle_timeout{60};
  std::optional<std::set<AeTitle>> callers;  ///< absent: anybody
};

/// The listening side: Verification, Storage, Query/Retrieve (PS3.4 A, B, C), each association on a thread of its own.
class ScpServer {
 public:
  /// Binds and listens; callers wait in the backlog until start(). @throws NetworkError (address in use, ...)
  ScpServer(ScpOptions options, Services services);
  ~ScpServer();  ///< stop()
  std::uint16_t port() const;
  void start();
  /// Takes no new association, waits up to `grace` for running ones, then aborts them; joins all threads.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(10));

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace punctum
