#pragma once

#include <cerrno>

namespace punctum {

/// Whether an error number says only that this process or machine has too little of something at the moment:
/// descriptors, memory, processes. What was to be opened or started may be as good as ever.
inline bool is_want_of_resources(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN;
}

}  // namespace punctum
