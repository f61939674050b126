#pragma once

#include <cstddef>

namespace punctum {

/// Lets this process have as many open files as its hard limit allows, 65536 at most: what a login gives by default
/// (1024) a thousand silent callers take. @return how many it may have now
std::size_t raise_limit_of_open_files();

}  // namespace punctum
