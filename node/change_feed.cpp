#include "node/change_feed.hpp"

namespace punctum {

std::size_t follow_changes(const Archive& archive, FollowerStore& followers, const std::string& follower,
                           const std::function<void(std::span<const Change>)>& take) {
  constexpr std::size_t batch = 1000;
  std::size_t seen = 0;
  auto position = followers.position(follower);
  for (;;) {
    const auto changes = archive.changes_after(position, batch);
    if (changes.empty()) return seen;
    take(changes);
    position = changes.back().sequence;
    followers.advance(follower, position);
    seen += changes.size();
    if (changes.size() < batch) return seen;
  }
}

}  // namespace punctum
