#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace punctum {

/// One bit a pixel, least significant bit first, no padding between frames (PS3.5 8.1.1): only where rows * columns is
/// a multiple of 8 does a frame begin at a whole byte.

/// Writes pixels (0 or 1) as bits, beginning at bit first_bit of the packed bytes, which must be zero there.
void pack_bits(std::span<const std::uint8_t> pixels, std::vector<std::uint8_t>& packed, std::size_t first_bit);

/// Adds bits to pixels: pixels[i] becomes 1 where bit first_bit + i is set. @return how many were set.
/// @param packed must hold first_bit + pixels.size() bits.
std::size_t unpack_bits(std::span<const std::uint8_t> packed, std::size_t first_bit, std::span<std::uint8_t> pixels);

}  // namespace punctum
