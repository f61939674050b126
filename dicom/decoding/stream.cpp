#include "dicom/decoding/stream.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace punctum::stream {
namespace {

/// Waits until the socket is ready; what is wrong with it shows when it is used.
bool wait_for(int socket, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;
  }
}

bool is_passing(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

bool read_all(int socket, std::span<std::byte> into) {
  while (!into.empty()) {
    const auto count = ::read(socket, into.data(), into.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool write_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(socket, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

Moved read_all(int socket, std::span<std::byte> into, Clock::time_point until) {
  while (!into.empty()) {
    if (!wait_for(socket, POLLIN, until)) return Moved::late;
    const auto count = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && !is_passing(errno))) return Moved::closed;
    if (count > 0) into = into.subspan(static_cast<std::size_t>(count));
  }
  return Moved::all;
}

Moved write_all(int socket, ByteView bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    if (!wait_for(socket, POLLOUT, until)) return Moved::late;
    const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && !is_passing(errno)) return Moved::closed;
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Moved::all;
}

}  // namespace punctum::stream
