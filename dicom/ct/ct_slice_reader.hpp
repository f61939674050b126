#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/geometry/series_geometry.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// What the volume assembler must know of one CT image before it decodes any pixel.
struct CtSliceHeader {
  PlacedSlice placed;
  std::optional<Uid> frame_of_reference_uid;
  std::vector<std::string> image_type;    ///< (0008,0008), upper case; value 3 LOCALIZER marks a scout
  std::optional<int> acquisition_number;  ///< (0020,0012)
  std::optional<int> instance_number;     ///< (0020,0013); for messages only, never for order
  std::optional<double> slice_thickness_mm;
  double gantry_tilt_deg = 0;  ///< (0018,1120)
  double rescale_slope = 1;
  double rescale_intercept = 0;
};

/// Reads the header of one stored CT Image (PS3.3 A.3).
/// @param part10 the whole file. @throws DicomError naming the attribute that is missing or wrong, or more pixels than
/// so many bytes can hold; Refusal for images that can never become part of a volume (not CT, multi-frame, no
/// position). Any thread.
CtSliceHeader read_ct_slice_header(ByteView part10);

/// A scout view: Image Type value 3 is LOCALIZER (PS3.3 C.8.2.1.1.1). Its geometry never joins a volume.
bool is_localizer(const CtSliceHeader& header);

/// Decodes the pixels of one stored CT Image, in any transfer syntax that DCMTK or OpenJPEG decodes, to Hounsfield
/// units by the image's own slope and intercept. @return rows * columns values, row by row, rounded, clamped to int16.
/// @param decode unpacks pixels that are packed. @throws DicomError naming the image if the pixel data cannot be
/// decoded or has another size than the header says. Any thread.
std::vector<std::int16_t> read_hounsfield(ByteView part10, const PixelDecoder& decode = decode_pixels);
/// The same into a place that is there already, e.g. a slice of a volume. @throws DicomError also if it has another
/// size.
void read_hounsfield_into(ByteView part10, std::span<std::int16_t> hu, const PixelDecoder& decode = decode_pixels);

}  // namespace punctum
