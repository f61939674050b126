#include "dicom/seg/bit_packing.hpp"

#include <cstring>

namespace punctum {
namespace {

/// Most of a frame is empty; looking at eight pixels at once makes it cheap.
bool eight_are_empty(std::span<const std::uint8_t> pixels, std::size_t at) {
  std::uint64_t eight = 1;
  if (at + sizeof eight <= pixels.size()) std::memcpy(&eight, pixels.data() + at, sizeof eight);
  return eight == 0;
}

}  // namespace

void pack_bits(std::span<const std::uint8_t> pixels, std::vector<std::uint8_t>& packed, std::size_t first_bit) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (eight_are_empty(pixels, i)) {
      i += 7;
      continue;
    }
    const auto bit = first_bit + i;
    if (pixels[i] != 0) packed[bit >> 3] = static_cast<std::uint8_t>(packed[bit >> 3] | (1u << (bit & 7)));
  }
}

std::size_t unpack_bits(std::span<const std::uint8_t> packed, std::size_t first_bit, std::span<std::uint8_t> pixels) {
  std::size_t set = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto bit = first_bit + i;
    if ((bit & 7) == 0 && packed[bit >> 3] == 0) {
      i += 7;  // nothing in this byte
      continue;
    }
    if ((packed[bit >> 3] >> (bit & 7) & 1u) == 0) continue;
    pixels[i] = 1;
    ++set;
  }
  return set;
}

}  // namespace punctum
