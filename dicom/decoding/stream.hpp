#pragma once

#include <chrono>
#include <cstddef>

#include "dicom/types/bytes.hpp"

/// Whole messages over a stream socket. One thread at a time.
namespace punctum::stream {

using Clock = std::chrono::steady_clock;
enum class Moved { all, closed, late };

/// Waits as long as it takes. @return false at the end of the stream.
bool read_all(int socket, std::span<std::byte> into);
bool write_all(int socket, ByteView bytes);

/// Until a moment; the socket need not be non-blocking.
Moved read_all(int socket, std::span<std::byte> into, Clock::time_point until);
Moved write_all(int socket, ByteView bytes, Clock::time_point until);

template <typename Head>
std::span<std::byte> bytes_of(Head& head) {
  return std::as_writable_bytes(std::span(&head, 1));
}

}  // namespace punctum::stream
