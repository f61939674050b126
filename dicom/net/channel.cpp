#include "dicom/net/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "dicom/net/pdu.hpp"
#include "dicom/net/tcp.hpp"

namespace punctum {
namespace {

constexpr std::size_t small_write = 4096;
constexpr std::size_t held_at_most = 64 * 1024;

int poll_timeout_ms(Channel::Clock::time_point deadline) {
  if (deadline == Channel::Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Channel::Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

}  // namespace

void Channel::Abort::operator()() const noexcept {
  // The stream may be in the middle of a PDU; the peer reads either an abort or a broken line, both of which end it.
  (void)::send(socket, pdu::abort_by_user.data(), pdu::abort_by_user.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  (void)::shutdown(socket, SHUT_RDWR);
}

Channel::Channel(FileDescriptor socket, Bytes already_read, std::stop_token stop)
    : socket_(std::move(socket)), already_read_(std::move(already_read)) {
  on_stop_.emplace(std::move(stop), Abort{socket_.get()});
}

Channel::~Channel() { close(); }

void Channel::close() noexcept {
  on_stop_.reset();  // waits for a running callback, so that it never meets a reused descriptor
  socket_.reset();
}

bool Channel::wait_for(short events, Clock::time_point deadline) noexcept {
  for (;;) {
    pollfd entry{socket_.get(), events, 0};
    const int found = ::poll(&entry, 1, poll_timeout_ms(deadline));
    if (found > 0) return true;
    if (found == 0) {
      timed_out_ = true;
      return false;
    }
    if (errno != EINTR) return false;
  }
}

ssize_t Channel::read(void* into, std::size_t size) noexcept {
  if (given_out_ < already_read_.size()) {
    const auto count = std::min(size, already_read_.size() - given_out_);
    std::memcpy(into, already_read_.data() + given_out_, count);
    given_out_ += count;
    return static_cast<ssize_t>(count);
  }
  while (socket_) {
    const auto count = ::recv(socket_.get(), into, size, 0);
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    tcp::acknowledge_now(socket_.get());
    if (!wait_for(POLLIN, deadline_)) return -1;
  }
  return -1;
}

ssize_t Channel::write(const void* from, std::size_t size) noexcept {
  if (!socket_) return -1;
  const auto* bytes = static_cast<const std::byte*>(from);
  if (corked_ && size <= small_write && held_.size() + size <= held_at_most) {
    held_.insert(held_.end(), bytes, bytes + size);
    return static_cast<ssize_t>(size);
  }
  const auto deadline = Clock::now() + write_patience_;
  const auto total = held_.size() + size;
  for (std::size_t done = 0; done < total;) {
    const auto of_held = std::min(done, held_.size());
    const auto of_new = done - of_held;
    std::array<iovec, 2> parts{
        {{held_.data() + of_held, held_.size() - of_held}, {const_cast<std::byte*>(bytes) + of_new, size - of_new}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR && ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(POLLOUT, deadline))) {
      return -1;
    }
  }
  held_.clear();
  return static_cast<ssize_t>(size);
}

bool Channel::uncork() noexcept {
  corked_ = false;
  return held_.empty() || write(nullptr, 0) == 0;
}

Channel::Wake Channel::wait_readable(std::chrono::milliseconds limit, int signal) noexcept {
  if (given_out_ < already_read_.size()) return Wake::readable;
  if (limit.count() > 0) tcp::acknowledge_now(socket_.get());
  const auto until = Clock::now() + limit;
  for (;;) {
    std::array<pollfd, 2> entries{{{socket_.get(), POLLIN, 0}, {signal, POLLIN, 0}}};  // a negative one is ignored
    const int found = ::poll(entries.data(), entries.size(), poll_timeout_ms(until));
    if (found == 0) return Wake::timeout;
    if (found < 0 && errno == EINTR) continue;
    if (found < 0 || entries[0].revents != 0) return Wake::readable;  // a broken line is found out by reading
    return Wake::signal;
  }
}

void Channel::close_gently(std::chrono::milliseconds patience) noexcept {
  if (socket_) {
    (void)uncork();
    (void)::shutdown(socket_.get(), SHUT_WR);
    set_deadline(patience);
    std::array<std::byte, 16384> dropped;
    while (Clock::now() < deadline_ && read(dropped.data(), dropped.size()) > 0) continue;
  }
  close();
}

}  // namespace punctum
