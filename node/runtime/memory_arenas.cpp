#include "node/runtime/memory_arenas.hpp"

#include <malloc.h>

#include <algorithm>
#include <thread>

namespace punctum {

void limit_memory_arenas() noexcept {
#ifdef __GLIBC__
  (void)::mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
#endif
}

}  // namespace punctum
