#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// The slices of a series that form one volume, and those left out, before any pixel is decoded.
struct VolumePlan {
  SeriesGeometry geometry;                ///< ordered by position along the normal
  std::vector<std::size_t> source_index;  ///< per slice of the geometry: index into the headers given
  std::vector<std::string> left_out;      ///< one sentence each: localizers, other acquisitions
};

/// Chooses one acquisition and one regular grid from the headers of a series.
/// @param clicked the images that must be part of the volume (decides which acquisition where positions repeat).
/// @throws Refusal with a sentence that names the slices: gaps, uneven spacing, mixed orientation or size, no image
/// with a position, a clicked image that is a localizer. Gantry tilt is kept as shear.
VolumePlan plan_volume(const std::vector<CtSliceHeader>& headers, const std::vector<Uid>& clicked);

/// Decodes the planned slices. @param load gives the Part 10 bytes of header i (index into the headers given to
/// plan_volume). Decodes on up to `threads` threads. @param decode unpacks pixels that are packed; called from all of
/// them. @throws DicomError
Volume assemble_volume(const VolumePlan& plan, const std::function<Bytes(std::size_t)>& load, int threads = 1,
                       const PixelDecoder& decode = decode_pixels);

}  // namespace punctum
