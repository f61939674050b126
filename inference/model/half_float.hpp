#pragma once

#include <bit>
#include <cstdint>

namespace punctum {

/// IEEE 754 binary16 to binary32, exact.
inline float float_of_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16, exponent = (half >> 10) & 31U,
                      fraction = half & 1023U;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000U | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float tiny = static_cast<float>(fraction) * 0x1p-24F;  // subnormal or zero
  return sign != 0 ? -tiny : tiny;
}

/// The upper half of a binary32, as bfloat16 is, exact.
inline float float_of_bfloat16(std::uint16_t upper) { return std::bit_cast<float>(std::uint32_t{upper} << 16); }

/// Binary32 to binary16, to nearest even; the value must lie within +-65504.
inline std::uint16_t half_of_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
  const float magnitude = std::bit_cast<float>(bits & 0x7fffffffU);
  if (magnitude < 0x1p-14F) {  // becomes subnormal: the sum rounds at the right place
    const auto rounded = std::bit_cast<std::uint32_t>(magnitude + 0.5F) - std::bit_cast<std::uint32_t>(0.5F);
    return static_cast<std::uint16_t>(sign | rounded);
  }
  const auto m = bits & 0x7fffffffU;
  const auto even = (m >> 13) & 1U;
  return static_cast<std::uint16_t>(sign | ((m + 0xfffU + even - 0x38000000U) >> 13));
}

}  // namespace punctum
