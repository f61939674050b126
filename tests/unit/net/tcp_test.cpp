#include "dicom/net/tcp.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

int option(const FileDescriptor& socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  return getsockopt(socket.get(), level, name, &value, &size) == 0 ? value : -1;
}

/// The server's end of a caller's connection.
std::optional<tcp::Accepted> accept_next(const FileDescriptor& listener) {
  pollfd waiting{listener.get(), POLLIN, 0};
  return poll(&waiting, 1, 10'000) == 1 ? tcp::accept(listener) : std::nullopt;
}

TEST(Tcp, AcceptedSocketsSendSmallResponsesAtOnce) {
  const auto listener = tcp::listen("127.0.0.1", 0);
  const test::RawPeer caller(listener.port);
  const auto accepted = accept_next(listener.socket);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(option(accepted->socket, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(accepted->socket, SOL_SOCKET, SO_KEEPALIVE), 1);
}

TEST(Tcp, AcceptedSocketsNeitherBlockNorReachAnotherProgram) {
  const auto listener = tcp::listen("127.0.0.1", 0);
  const test::RawPeer caller(listener.port);
  const auto accepted = accept_next(listener.socket);
  ASSERT_TRUE(accepted);
  EXPECT_TRUE((fcntl(accepted->socket.get(), F_GETFL) & O_NONBLOCK) != 0);
  EXPECT_TRUE((fcntl(accepted->socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
  EXPECT_EQ(accepted->address, "127.0.0.1");
}

TEST(Tcp, NobodyWaitingIsNoCaller) { EXPECT_FALSE(tcp::accept(tcp::listen("127.0.0.1", 0).socket)); }

}  // namespace
}  // namespace punctum
