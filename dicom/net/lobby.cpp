#include "dicom/net/lobby.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "dicom/net/pdu.hpp"

namespace punctum {
namespace {

constexpr std::size_t capacity = 1024;
constexpr auto leaving_time = std::chrono::seconds(2);
constexpr int reads_per_round = 128;
constexpr auto idle_poll = std::chrono::seconds(60);

}  // namespace

void Lobby::admit(Guest guest) {
  if (waiting_.size() >= capacity) waiting_.pop_front();
  waiting_.push_back({std::move(guest), Clock::now() + artim_, false});
}

void Lobby::turn_away(Guest guest) {
  const auto& bytes = pdu::reject_local_limit;
  if (::send(guest.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
  ::shutdown(guest.socket.get(), SHUT_WR);
  if (waiting_.size() >= capacity) waiting_.pop_front();
  waiting_.push_back({std::move(guest), Clock::now() + leaving_time, true});
}

void Lobby::add_to(std::vector<pollfd>& entries) const {
  for (const auto& waiting : waiting_) entries.push_back({waiting.guest.socket.get(), POLLIN, 0});
}

std::chrono::milliseconds Lobby::until_next_deadline() const {
  if (waiting_.empty()) return idle_poll;
  const auto next = std::ranges::min_element(waiting_, {}, &Waiting::deadline)->deadline;
  return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()));
}

Lobby::Progress Lobby::read_from(Waiting& waiting) {
  auto& have = waiting.guest.associate_rq;
  std::array<std::byte, 16384> chunk;
  for (int round = 0; round < reads_per_round; ++round) {
    // Not a byte beyond the request: what follows is for the association to read.
    std::size_t want = chunk.size();
    if (!waiting.leaving) {
      want = pdu::header_size - std::min(pdu::header_size, have.size());
      if (want == 0) {
        const auto header = pdu::parse_header(have);
        if (header.type != pdu::associate_rq || header.length > pdu::largest_associate_rq) return Progress::gone;
        want = std::min(chunk.size(), pdu::header_size + header.length - have.size());
        if (want == 0) return Progress::complete;
      }
    }
    const auto count = ::recv(waiting.guest.socket.get(), chunk.data(), want, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Progress::more;
    if (count <= 0) return Progress::gone;
    if (!waiting.leaving) have.insert(have.end(), chunk.begin(), chunk.begin() + count);
  }
  return Progress::more;  // the others have waited long enough
}

std::vector<Guest> Lobby::collect() {
  std::vector<Guest> complete;
  const auto now = Clock::now();
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const auto progress = read_from(*it);
    if (progress == Progress::complete) complete.push_back(std::move(it->guest));
    const bool stays = progress == Progress::more && it->deadline > now;
    it = stays ? std::next(it) : waiting_.erase(it);
  }
  return complete;
}

}  // namespace punctum
