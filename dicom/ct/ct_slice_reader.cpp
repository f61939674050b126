#include "dicom/ct/ct_slice_reader.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/ct/pixel_form.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr double direction_tolerance = 1e-3;  ///< what DS rounding to a few decimals does to a unit vector

void require_single_frame_ct(DcmItem& dataset, const SopInstance& name) {
  if (name.sop_class_uid.str() == sop_class::enhanced_ct_image_storage) {
    throw Refusal("The image " + name.sop_instance_uid.str() +
                  " is an Enhanced (multi-frame) CT; only single-frame CT images can be used.");
  }
  if (name.sop_class_uid.str() != sop_class::ct_image_storage) {
    throw Refusal("The image " + name.sop_instance_uid.str() + " is not a CT image (SOP class " +
                  name.sop_class_uid.str() + ").");
  }
  const auto frames = read_number(dataset, DCM_NumberOfFrames);
  if (frames && *frames != 1) {
    throw Refusal("The CT image " + name.sop_instance_uid.str() + " has several frames; expected one per image.");
  }
}

/// A volume is made from headers alone. One that says more than its file can hold takes no part in that.
void require_room_for_pixels(DcmItem& dataset, ByteView part10) {
  const auto bytes = require_bounded_pixels(dataset, part10.size());
  if (bytes <= part10.size() || is_packed(locate_dataset(part10).transfer_syntax_uid.str())) return;
  throw DicomError("cannot use CT image: its header says that it has " + std::to_string(bytes) +
                   " bytes of pixels, its file has " + std::to_string(part10.size()));
}

std::vector<double> require_placing(DcmItem& dataset, const DcmTagKey& tag, std::size_t count, const Uid& uid,
                                    const std::string& meaning) {
  if (!read_text(dataset, tag)) {
    throw Refusal("The CT image " + uid.str() + " does not say " + meaning + " (" + describe(tag) +
                  " is missing), so a point on it has no place in the patient.");
  }
  return require_numbers(dataset, tag, count);
}

double length(const PatientVector& v) { return std::sqrt(dot(v, v)); }

/// Rounded cosines, made exactly perpendicular and of unit length again.
void set_directions(SlicePlane& plane, const std::vector<double>& cosines, const Uid& uid) {
  const PatientVector row{cosines[0], cosines[1], cosines[2]};
  const PatientVector column{cosines[3], cosines[4], cosines[5]};
  if (std::abs(length(row) - 1) > direction_tolerance || std::abs(length(column) - 1) > direction_tolerance ||
      std::abs(dot(row, column)) > direction_tolerance) {
    throw DicomError("cannot place CT image " + uid.str() + ": " + describe(DCM_ImageOrientationPatient) +
                     " does not hold two perpendicular unit vectors");
  }
  plane.row_direction = row * (1 / length(row));
  const auto rest = column + plane.row_direction * -dot(column, plane.row_direction);
  plane.column_direction = rest * (1 / length(rest));
}

SlicePlane read_plane(DcmItem& dataset, const Uid& uid) {
  const auto position = require_placing(dataset, DCM_ImagePositionPatient, 3, uid, "where it lies");
  const auto cosines = require_placing(dataset, DCM_ImageOrientationPatient, 6, uid, "how it is oriented");
  const auto spacing = require_placing(dataset, DCM_PixelSpacing, 2, uid, "how large its pixels are");
  SlicePlane plane;
  plane.position_mm = {position[0], position[1], position[2]};
  set_directions(plane, cosines, uid);
  plane.row_spacing_mm = spacing[0];
  plane.column_spacing_mm = spacing[1];
  if (spacing[0] <= 0 || spacing[1] <= 0) {
    throw DicomError("cannot place CT image " + uid.str() + ": " + describe(DCM_PixelSpacing) +
                     " must be positive, found " + std::to_string(std::min(spacing[0], spacing[1])));
  }
  plane.rows = static_cast<int>(require_numbers(dataset, DCM_Rows, 1).front());
  plane.columns = static_cast<int>(require_numbers(dataset, DCM_Columns, 1).front());
  if (plane.rows <= 0 || plane.columns <= 0) {
    throw DicomError("cannot use CT image " + uid.str() + ": it has " + std::to_string(plane.columns) +
                     " columns and " + std::to_string(plane.rows) + " rows");
  }
  return plane;
}

std::optional<int> read_integer(DcmItem& dataset, const DcmTagKey& tag) {
  const auto value = read_number(dataset, tag);
  if (!value || std::abs(*value) > 2147483647.0) return std::nullopt;
  return static_cast<int>(*value);
}

std::vector<std::string> read_image_type(DcmItem& dataset) {
  auto values = read_values(dataset, DCM_ImageType);
  for (auto& value : values) {
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  }
  return values;
}

bool says_localizer(const std::vector<std::string>& image_type) {
  return image_type.size() >= 3 && image_type[2] == "LOCALIZER";
}

}  // namespace

bool is_localizer(const CtSliceHeader& header) { return says_localizer(header.image_type); }

CtSliceHeader read_ct_slice_header(ByteView part10) {
  const auto dataset = parse_part10(part10, Extent::header);
  const auto name = require_sop_instance(*dataset);
  require_single_frame_ct(*dataset, name);
  require_room_for_pixels(*dataset, part10);
  CtSliceHeader header{.placed = {name, read_plane(*dataset, name.sop_instance_uid)},
                       .frame_of_reference_uid = read_uid(*dataset, DCM_FrameOfReferenceUID),
                       .image_type = read_image_type(*dataset),
                       .acquisition_number = read_integer(*dataset, DCM_AcquisitionNumber),
                       .instance_number = read_integer(*dataset, DCM_InstanceNumber),
                       .slice_thickness_mm = read_number(*dataset, DCM_SliceThickness),
                       .gantry_tilt_deg = read_number(*dataset, DCM_GantryDetectorTilt).value_or(0)};
  if (!is_localizer(header)) {  // a scout need not have Hounsfield units, and never becomes part of a volume
    const auto rescale = read_rescale(*dataset);
    header.rescale_slope = rescale.slope;
    header.rescale_intercept = rescale.intercept;
  }
  return header;
}

namespace {

/// A parsed image that can become Hounsfield units.
struct OpenImage {
  Uid sop_instance_uid;
  std::unique_ptr<DcmDataset> dataset;  ///< packed pixels are left where they are
  PixelForm form;
};

OpenImage open_image(ByteView part10) {
  const bool packed = is_packed(locate_dataset(part10).transfer_syntax_uid.str());
  auto dataset = parse_part10(part10, packed ? Extent::header : Extent::whole);
  const auto name = require_sop_instance(*dataset);
  require_single_frame_ct(*dataset, name);
  const auto form = read_pixel_form(*dataset);
  require_bounded_pixels(*dataset, part10.size());
  return {name.sop_instance_uid, std::move(dataset), form};
}

void decode_image(OpenImage& image, ByteView part10, std::span<std::int16_t> hu, const PixelDecoder& decode) try {
  to_hounsfield(stored_pixels(part10, *image.dataset, image.form, decode).bytes, image.form, hu);
} catch (const DicomError& error) {
  throw DicomError("CT image " + image.sop_instance_uid.str() + ": " + error.what());
}

}  // namespace

std::vector<std::int16_t> read_hounsfield(ByteView part10, const PixelDecoder& decode) {
  auto image = open_image(part10);
  std::vector<std::int16_t> hu(image.form.pixel_count());
  decode_image(image, part10, hu, decode);
  return hu;
}

void read_hounsfield_into(ByteView part10, std::span<std::int16_t> hu, const PixelDecoder& decode) {
  auto image = open_image(part10);
  decode_image(image, part10, hu, decode);
}

}  // namespace punctum
