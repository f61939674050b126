// What a foreign provider says to us: answers to our association request, to C-ECHO, C-STORE and N-ACTION. The first
// byte chooses what we ask; the rest is written into the connection, whatever we say.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "dicom/net/commitment.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/net/tcp.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/fuzz/loopback_node.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

/// Takes one caller, says everything at once, and hears until the caller hangs up.
void provide(const tcp::Listener& listener, ByteView words) {
  pollfd waiting{listener.socket.get(), POLLIN, 0};
  (void)::poll(&waiting, 1, 2000);
  const auto caller = tcp::accept(listener.socket);
  if (!caller) return;
  (void)::send(caller->socket.get(), words.data(), words.size(), MSG_NOSIGNAL);
  (void)::shutdown(caller->socket.get(), SHUT_WR);
  std::array<std::byte, 4096> heard{};
  pollfd speaking{caller->socket.get(), POLLIN, 0};
  while (::poll(&speaking, 1, 2000) > 0 && ::recv(caller->socket.get(), heard.data(), heard.size(), 0) > 0) continue;
}

void ask(const Peer& peer, unsigned what) {
  SendOptions options;
  options.timeout = std::chrono::seconds(1);
  const Commitment wanted{Uid::require("1.2.9"),
                          {{Uid::require(sop_class::ct_image_storage), Uid::require("1.2.3.1")}}};
  switch (what % 4) {
    case 0:
      return expecting_errors([&] { verify(peer, options); });
    case 1:
      return (void)send_objects(peer, two_objects(), options);
    case 2:
      return (void)report_commitment(peer, wanted, options);
    default:
      return (void)request_commitment(peer, wanted, options, std::chrono::milliseconds(1),
                                      [](const Commitment&) { return DimseStatus{}; });
  }
}

void run(ByteView input) {
  if (input.empty()) return;
  const auto listener = tcp::listen("127.0.0.1", 0);
  const std::jthread provider([&] { provide(listener, input.subspan(1)); });
  ask({AeTitle::require("PROVIDER"), "127.0.0.1", listener.port}, std::to_integer<unsigned>(input[0]));
}

const Registered target("provider", run);

}  // namespace
}  // namespace punctum::fuzz
