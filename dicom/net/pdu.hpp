#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dicom/types/bytes.hpp"

/// The few protocol data units that are written or recognised without DCMTK (PS3.8 9.3).
namespace punctum::pdu {

inline constexpr std::size_t header_size = 6;
inline constexpr std::byte associate_rq{0x01};
/// 128 presentation contexts with a dozen transfer syntaxes each stay far below.
inline constexpr std::size_t largest_associate_rq = 256 << 10;

struct Header {
  std::byte type{};
  std::uint32_t length = 0;  ///< of what follows the header
};
/// Needs at least header_size bytes.
constexpr Header parse_header(ByteView bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 2; i < header_size; ++i) length = length << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return {bytes[0], length};
}

using Short = std::array<std::byte, 10>;
constexpr Short short_pdu(unsigned type, unsigned result, unsigned source, unsigned reason) {
  return {std::byte(type), std::byte{0}, std::byte{0},      std::byte{0},      std::byte{0},
          std::byte{4},    std::byte{0}, std::byte(result), std::byte(source), std::byte(reason)};
}

/// Transient; presentation service provider; local limit exceeded (PS3.8 9.3.4). The caller may try again.
inline constexpr Short reject_local_limit = short_pdu(0x03, 2, 3, 2);
inline constexpr Short release_rq = short_pdu(0x05, 0, 0, 0);
inline constexpr Short abort_by_user = short_pdu(0x07, 0, 0, 0);
/// Source: service provider; reason not specified (PS3.8 9.3.8).
inline constexpr Short abort_by_provider = short_pdu(0x07, 0, 2, 0);

}  // namespace punctum::pdu
