#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

class DcmItem;

namespace punctum {

/// How the numbers of one CT image lie in its Pixel Data (PS3.3 C.7.6.3) and what they mean (C.8.2.1).
struct PixelForm {
  std::size_t rows = 0, columns = 0;
  unsigned bits_allocated = 16;  ///< 8 or 16
  unsigned bits_stored = 16;
  unsigned high_bit = 15;
  bool is_signed = false;
  double slope = 1;
  double intercept = 0;
  struct Range {
    std::int32_t lowest = 0, highest = 0;
  };
  std::optional<Range> padding;  ///< stored values that mean "no measurement here" (C.7.5.1.1.2)

  std::size_t pixel_count() const { return rows * columns; }
  std::size_t byte_count() const { return pixel_count() * (bits_allocated / 8); }
};

/// HU of a pixel that the scanner marked as padding: it lies outside the field of view and shows nothing. As air, so
/// that neither a network nor a measurement sees the arbitrary number that stands there.
inline constexpr std::int16_t padded_hu = -1024;

/// Rescale Slope and Intercept; both are type 1 in the CT Image Module. @throws Refusal if one is missing, or the
/// values are not Hounsfield units.
struct Rescale {
  double slope = 1, intercept = 0;
};
Rescale read_rescale(DcmItem& dataset);

/// @throws DicomError naming the attribute that is missing, contradicts another or asks for an image larger than any
/// CT.
PixelForm read_pixel_form(DcmItem& dataset);

/// @param pixels rows * columns values in the machine's byte order, 1 or 2 bytes each as the form says.
/// @param hu where they go; as many. @throws DicomError if the sizes do not fit.
void to_hounsfield(std::span<const std::byte> pixels, const PixelForm& form, std::span<std::int16_t> hu);

}  // namespace punctum
