#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>

#include "storage/archive.hpp"
#include "storage/follower_store.hpp"

namespace punctum {

/// Between two looks of a follower while instances arrive: each look writes down how far it came, and the index has
/// other things to do than to do that for every instance. Nobody waits for the first look after a silence.
constexpr std::chrono::milliseconds between_looks{25};

/// Hands on what came after the follower's position, a batch at a time, and writes the position down after each. What
/// `take` throws leaves the position before its batch. What comes meanwhile is for the next look. One thread a
/// follower.
/// @return how many changes there were. @throws StorageError, OutOfResources
std::size_t follow_changes(const Archive& archive, FollowerStore& followers, const std::string& follower,
                           const std::function<void(std::span<const Change>)>& take);

}  // namespace punctum
