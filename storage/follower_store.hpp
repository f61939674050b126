#pragma once

#include <cstdint>
#include <string>

namespace punctum {

/// Who follows the change feed. A study is not removed before all of them have seen it.
namespace follower {
inline constexpr const char* jobs = "jobs";        ///< node/jobs
inline constexpr const char* deliver = "deliver";  ///< node/delivery
}  // namespace follower

/// Where each follower of the change feed stands.
class FollowerStore {
 public:
  virtual ~FollowerStore() = default;
  virtual std::int64_t position(const std::string& follower) const = 0;  ///< 0 at first
  virtual void advance(const std::string& follower, std::int64_t sequence) = 0;
  virtual void restart(const std::string& follower) = 0;  ///< reads from the beginning again
};

}  // namespace punctum
