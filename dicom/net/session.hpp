#pragma once

#include <cstdint>
#include <stop_token>

#include "dicom/net/lobby.hpp"
#include "dicom/net/scp_server.hpp"
#include "dicom/net/services.hpp"

namespace punctum {

/// What all sessions of a server share.
struct SessionSettings {
  const ScpOptions& options;
  const Services& services;
  int draining;  ///< becomes readable when idle associations shall end
  std::stop_token stop;
};

/// One association from its request to its end. Never throws. Runs on a thread of its own.
void run_session(Guest guest, std::int64_t association_id, const SessionSettings& settings) noexcept;

}  // namespace punctum
