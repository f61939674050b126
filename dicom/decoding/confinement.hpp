#pragma once

#include <cstdint>

namespace punctum {

/// Gives up what a decoder does not need: it ends with the process that started it, gains no privileges, leaves no core
/// file, opens nothing (RLIMIT_NOFILE), writes no file, starts nothing; see syscall_filter.hpp. Call it when everything
/// is loaded, before the first foreign byte. @throws DicomError if the kernel refuses.
void confine_this_process();

/// Address space that this process takes now, in bytes; 0 if the kernel does not say.
std::uint64_t mapped_bytes();

}  // namespace punctum
