#include "dicom/ct/pixel_form.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t most_pixels = std::size_t{1} << 26;  ///< 8192 x 8192; the largest CT matrices are 4096 x 4096

unsigned require_whole_number(DcmItem& dataset, const DcmTagKey& tag) {
  const double value = require_numbers(dataset, tag, 1).front();
  if (value < 0 || value > 65535 || value != std::floor(value)) {
    throw DicomError("cannot use image: " + describe(tag) + " is " + std::to_string(value) +
                     ", expected a whole number from 0 to 65535");
  }
  return static_cast<unsigned>(value);
}

/// Pixel Padding Value is US or SS; writers pick the wrong one often, so the 16 bits decide, read as the pixels are.
std::optional<std::int32_t> read_padding(DcmItem& dataset, const DcmTagKey& tag, const PixelForm& form) {
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(tag, element).bad() || element == nullptr) return std::nullopt;
  Uint16 bits = 0;
  Sint16 signed_bits = 0;
  if (element->getSint16(signed_bits).good()) {
    bits = static_cast<Uint16>(signed_bits);
  } else if (element->getUint16(bits).bad()) {
    return std::nullopt;
  }
  return form.is_signed ? static_cast<std::int32_t>(static_cast<std::int16_t>(bits)) : static_cast<std::int32_t>(bits);
}

void require_consistent_bits(const PixelForm& form) {
  const bool good = (form.bits_allocated == 8 || form.bits_allocated == 16) && form.bits_stored >= 1 &&
                    form.bits_stored <= form.bits_allocated && form.high_bit < form.bits_allocated &&
                    form.high_bit + 1 >= form.bits_stored;
  if (!good) {
    throw DicomError("cannot use image: Bits Allocated " + std::to_string(form.bits_allocated) + ", Bits Stored " +
                     std::to_string(form.bits_stored) + " and High Bit " + std::to_string(form.high_bit) +
                     " do not fit together, expected 8 or 16 bits allocated that hold the stored ones");
  }
}

template <typename Word>
void rescale(const std::byte* pixels, const PixelForm& form, std::span<std::int16_t> hu) {
  const int shift = static_cast<int>(form.high_bit + 1 - form.bits_stored);
  const auto mask = static_cast<std::int32_t>((std::uint32_t{1} << form.bits_stored) - 1);
  const std::int32_t sign = form.is_signed ? std::int32_t{1} << (form.bits_stored - 1) : 0;
  const auto padding = form.padding.value_or(PixelForm::Range{1, 0});  // an empty range pads nothing
  const auto slope = static_cast<float>(form.slope);
  const auto intercept = static_cast<float>(form.intercept);
  constexpr float lowest = std::numeric_limits<std::int16_t>::min();
  constexpr float highest = std::numeric_limits<std::int16_t>::max();
  for (std::size_t i = 0; i < hu.size(); ++i) {
    Word word;
    std::memcpy(&word, pixels + i * sizeof(Word), sizeof(Word));
    const std::int32_t value = (((static_cast<std::int32_t>(word) >> shift) & mask) ^ sign) - sign;
    const float exact = std::clamp(static_cast<float>(value) * slope + intercept, lowest, highest);
    const auto rounded = static_cast<std::int16_t>(exact + (exact < 0 ? -0.5f : 0.5f));
    hu[i] = value >= padding.lowest && value <= padding.highest ? padded_hu : rounded;
  }
}

}  // namespace

Rescale read_rescale(DcmItem& dataset) {
  const auto slope = read_number(dataset, DCM_RescaleSlope);
  const auto intercept = read_number(dataset, DCM_RescaleIntercept);
  if (!slope || !intercept || *slope == 0) {
    throw Refusal("The CT image does not say how its pixel values become Hounsfield units: " +
                  describe(!intercept ? DCM_RescaleIntercept : DCM_RescaleSlope) +
                  (slope && *slope == 0 ? " is zero." : " is missing."));
  }
  const auto type = read_text(dataset, DCM_RescaleType);
  if (type && *type != "HU") {
    throw Refusal("The pixel values of the CT image are not Hounsfield units: Rescale Type is " + *type +
                  ", expected HU.");
  }
  return {*slope, *intercept};
}

PixelForm read_pixel_form(DcmItem& dataset) {
  PixelForm form;
  form.rows = require_whole_number(dataset, DCM_Rows);
  form.columns = require_whole_number(dataset, DCM_Columns);
  if (form.rows == 0 || form.columns == 0 || form.pixel_count() > most_pixels) {
    throw DicomError("cannot use image: " + std::to_string(form.columns) + " columns by " + std::to_string(form.rows) +
                     " rows, expected between 1 and " + std::to_string(most_pixels) + " pixels");
  }
  if (const auto samples = require_whole_number(dataset, DCM_SamplesPerPixel); samples != 1) {
    throw DicomError("cannot use image: " + std::to_string(samples) + " samples per pixel, expected 1");
  }
  form.bits_allocated = require_whole_number(dataset, DCM_BitsAllocated);
  form.bits_stored = require_whole_number(dataset, DCM_BitsStored);
  form.high_bit = require_whole_number(dataset, DCM_HighBit);
  form.is_signed = require_whole_number(dataset, DCM_PixelRepresentation) == 1;
  require_consistent_bits(form);
  if (const auto padding = read_padding(dataset, DCM_PixelPaddingValue, form)) {
    const auto limit = read_padding(dataset, DCM_PixelPaddingRangeLimit, form).value_or(*padding);
    form.padding = PixelForm::Range{std::min(*padding, limit), std::max(*padding, limit)};
  }
  const auto rescale_rule = read_rescale(dataset);
  form.slope = rescale_rule.slope;
  form.intercept = rescale_rule.intercept;
  return form;
}

void to_hounsfield(std::span<const std::byte> pixels, const PixelForm& form, std::span<std::int16_t> hu) {
  if (pixels.size() != form.byte_count()) {
    throw DicomError("cannot read pixels: " + std::to_string(pixels.size()) + " bytes, expected " +
                     std::to_string(form.byte_count()));
  }
  if (hu.size() != form.pixel_count()) {
    throw DicomError("cannot read pixels: found " + std::to_string(form.pixel_count()) + " of them, expected " +
                     std::to_string(hu.size()));
  }
  if (form.bits_allocated == 8) {
    rescale<std::uint8_t>(pixels.data(), form, hu);
  } else {
    rescale<std::uint16_t>(pixels.data(), form, hu);
  }
}

}  // namespace punctum
