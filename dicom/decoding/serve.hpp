#pragma once

#include "dicom/decoding/task.hpp"

namespace punctum {

/// The worker's side: says hello and then answers one request after the other, each within its processor time, which
/// ends the process by SIGPROF when it is over. Returns when the other side closes, or when memory ran out: what
/// decoders leave behind then is not known. One thread.
/// @param mapped_bytes of this process before it has done anything (confinement.hpp).
void serve_tasks(int socket, std::uint64_t mapped_bytes, const Perform& perform);

}  // namespace punctum
