#pragma once

namespace punctum {

/// From here on this process can use memory, its open descriptors, its own timer and its own end, and ask the kernel
/// for nothing else: no file, socket, process, thread or executable memory. What is asked for nevertheless fails with
/// EPERM. Cannot be undone. On x86-64 and ARM64; does nothing elsewhere, and under sanitizers, which need more.
/// @throws DicomError if the kernel refuses.
void filter_system_calls();

}  // namespace punctum
