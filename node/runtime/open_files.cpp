#include "node/runtime/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace punctum {

std::size_t raise_limit_of_open_files() {
  constexpr rlim_t wanted = 65536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = std::max(before, std::min(wanted, limit.rlim_max));
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace punctum
