#include "dicom/seg/bit_packing.hpp"

namespace punctum {

void pack_bits(std::span<const std::uint8_t> pixels, std::vector<std::uint8_t>& packed, std::size_t first_bit) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto bit = first_bit + i;
    if (pixels[i] != 0) packed[bit >> 3] = static_cast<std::uint8_t>(packed[bit >> 3] | (1u << (bit & 7)));
  }
}

std::size_t unpack_bits(std::span<const std::uint8_t> packed, std::size_t first_bit, std::span<std::uint8_t> pixels) {
  std::size_t set = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto bit = first_bit + i;
    if ((packed[bit >> 3] >> (bit & 7) & 1u) == 0) continue;
    pixels[i] = 1;
    ++set;
  }
  return set;
}

}  // namespace punctum
