#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dicom/types/file_descriptor.hpp"

/// The few socket calls that the rest of the room needs.
namespace punctum::tcp {

struct Listener {
  FileDescriptor socket;
  std::uint16_t port = 0;
};

/// Listens on this address only (IPv4, IPv6 or a name that resolves to one). Port 0 takes a free one.
/// @throws NetworkError with the address and the system's reason.
Listener listen(const std::string& address, std::uint16_t port);

struct Accepted {
  FileDescriptor socket;  ///< non-blocking, close-on-exec, TCP_NODELAY
  std::string address;
};
/// The next waiting caller; nothing if there is none, or if it is gone already.
std::optional<Accepted> accept(const FileDescriptor& listener);

/// The numeric addresses of a host, IPv4 first: "localhost" is often ::1 as well, where fewer peers listen.
/// @throws NetworkError if it has none.
std::vector<std::string> resolve(const std::string& host);

/// Non-blocking, no Nagle delay (each small response would otherwise wait about 40 ms for the peer's delayed ACK),
/// and the system notices peers that vanished.
void tune(int socket) noexcept;

/// Sends the acknowledgement of what has been received, if it is still owed. The system delays it by up to 40 ms, and a
/// peer with Nagle's algorithm on (DCMTK's programs, as installed) writes the second part of a PDU only after it.
void acknowledge_now(int socket) noexcept;

}  // namespace punctum::tcp
