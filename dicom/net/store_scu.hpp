#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dicom/net/services.hpp"

namespace punctum {

/// What a peer said to one object. `transient`: worth trying again later (PS3.4 B.2.3, A7xx; lost line; busy peer).
struct SendOutcome {
  enum class Kind { sent, transient, permanent } kind = Kind::sent;
  std::uint16_t status = 0;
  std::string message;    ///< ours
  std::string comment{};  ///< the peer's own words: they may name a patient, so no log has them

  std::string text() const;  ///< both
};

struct SendOptions {
  AeTitle calling = AeTitle::require("PUNCTUM");
  std::uint32_t max_pdu = 131072;
  std::chrono::seconds timeout{30};   ///< for connecting, and for each answer
  std::stop_token stop{};             ///< triggered: the association is aborted, what was not answered is transient
  Transcoder transcode = transcoded;  ///< for objects that the peer does not take as they are stored
};

/// Sends objects over one association, data sets as they are stored, or in a little endian syntax where nothing else is
/// taken and nothing is lost. One outcome per object, in order; never throws for what the peer does.
/// `each`, if given, is called after every object. Any thread.
std::vector<SendOutcome> send_objects(const Peer& peer, const std::vector<Retrievable>& objects,
                                      const SendOptions& options,
                                      const std::function<void(std::size_t, const SendOutcome&)>& each = {});

/// C-ECHO. @throws NetworkError
void verify(const Peer& peer, const SendOptions& options);

}  // namespace punctum
