#pragma once

#include <chrono>
#include <cstddef>

#include "storage/archive.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// Followers of the change feed that must have seen a study before it may go.
const std::vector<std::string>& followers_before_deletion();

/// Removes studies to which nothing was added for so long. Never what was not delivered or still has work to do: such a
/// study is told of and left alone. @return how many studies went
std::size_t apply_retention(Upkeep& upkeep, Archive& archive, std::chrono::days age, std::int64_t now_utc_ms,
                            const std::function<bool()>& go_on);

}  // namespace punctum
