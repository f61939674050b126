#include "dicom/ct/ct_series_writer.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"

namespace punctum {
namespace {

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  check(item.putAndInsertString(tag, value.c_str()), std::string("put ") + DcmTag(tag).getTagName());
}

void put_number(DcmItem& item, const DcmTagKey& tag, int value) {
  check(item.putAndInsertUint16(tag, static_cast<Uint16>(value)), std::string("put ") + DcmTag(tag).getTagName());
}

/// A number as DS (PS3.5 6.2): the shortest text that reads back the same, or as many digits as 16 characters hold.
std::string decimal(double value) {
  std::array<char, 64> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  for (int digits = 15; end - text.data() > 16; --digits) {
    end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits).ptr;
  }
  return {text.data(), end};
}

std::string decimals(std::initializer_list<double> values) {
  std::string joined;
  for (const double value : values) joined += (joined.empty() ? "" : "\\") + decimal(value);
  return joined;
}

void put_patient_and_study(DcmItem& data, const CtIdentification& who, const SopInstance& name) {
  put(data, DCM_PatientName, who.patient_name.reveal());
  put(data, DCM_PatientID, who.patient_id.reveal());
  put(data, DCM_PatientBirthDate, "");
  put(data, DCM_PatientSex, "O");
  put(data, DCM_StudyInstanceUID, name.study_instance_uid.str());
  put(data, DCM_StudyDate, who.date);
  put(data, DCM_StudyTime, who.time);
  put(data, DCM_ReferringPhysicianName, "");
  put(data, DCM_StudyID, who.study_id);
  put(data, DCM_AccessionNumber, "");
  if (!who.study_description.empty()) put(data, DCM_StudyDescription, who.study_description);
}

void put_series_and_equipment(DcmItem& data, const CtIdentification& who, const SopInstance& name) {
  put(data, DCM_Modality, "CT");
  put(data, DCM_SeriesInstanceUID, name.series_instance_uid.str());
  put(data, DCM_SeriesNumber, "1");
  put(data, DCM_SeriesDate, who.date);
  put(data, DCM_SeriesTime, who.time);
  put(data, DCM_BodyPartExamined, who.body_part);
  put(data, DCM_PatientPosition, "HFS");
  if (!who.series_description.empty()) put(data, DCM_SeriesDescription, who.series_description);
  put(data, DCM_Manufacturer, who.manufacturer);
  if (!who.model_name.empty()) put(data, DCM_ManufacturerModelName, who.model_name);
  put(data, DCM_DeviceSerialNumber, who.device_serial_number);
  put(data, DCM_SoftwareVersions, who.software_version);
}

void put_plane(DcmItem& data, const SeriesGeometry& geometry, const SlicePlane& plane) {
  put(data, DCM_FrameOfReferenceUID, geometry.frame_of_reference_uid().str());
  put(data, DCM_PositionReferenceIndicator, "");
  const auto &p = plane.position_mm, &origin = geometry.slices().front().plane.position_mm;
  const auto &r = plane.row_direction, &c = plane.column_direction;
  put(data, DCM_ImagePositionPatient, decimals({p.x, p.y, p.z}));
  put(data, DCM_ImageOrientationPatient, decimals({r.x, r.y, r.z, c.x, c.y, c.z}));
  put(data, DCM_PixelSpacing, decimals({plane.row_spacing_mm, plane.column_spacing_mm}));
  put(data, DCM_SliceThickness, decimal(geometry.slice_spacing_mm()));
  put(data, DCM_SliceLocation, decimal(dot(p - origin, plane.normal())));
}

void put_image(DcmItem& data, const CtIdentification& who, int number) {
  put(data, DCM_ImageType, "DERIVED\\PRIMARY\\AXIAL");
  put(data, DCM_ContentDate, who.date);
  put(data, DCM_ContentTime, who.time);
  put(data, DCM_AcquisitionDate, who.date);
  put(data, DCM_AcquisitionTime, who.time);
  put(data, DCM_AcquisitionNumber, "1");
  put(data, DCM_InstanceNumber, std::to_string(number));
  put(data, DCM_KVP, decimal(who.kvp));
  put(data, DCM_RescaleIntercept, "0");
  put(data, DCM_RescaleSlope, "1");
  put(data, DCM_RescaleType, "HU");
  put(data, DCM_WindowCenter, "40");
  put(data, DCM_WindowWidth, "400");
}

void put_pixels(DcmItem& data, const Volume& volume, const VoxelIndex& first) {
  const auto& geometry = volume.geometry;
  put_number(data, DCM_SamplesPerPixel, 1);
  put(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  put_number(data, DCM_Rows, geometry.rows());
  put_number(data, DCM_Columns, geometry.columns());
  put_number(data, DCM_BitsAllocated, 16);
  put_number(data, DCM_BitsStored, 16);
  put_number(data, DCM_HighBit, 15);
  put_number(data, DCM_PixelRepresentation, 1);
  const auto count = static_cast<unsigned long>(geometry.rows()) * static_cast<unsigned long>(geometry.columns());
  const std::int16_t* hu = volume.hu.data() + volume.index(first);
  const std::vector<Uint16> stored(hu, hu + count);
  check(data.putAndInsertUint16Array(DCM_PixelData, stored.data(), count), "put PixelData");
}

}  // namespace

std::vector<Part10File> write_ct_series(const Volume& volume, const CtIdentification& identification) {
  std::vector<Part10File> files;
  const auto& slices = volume.geometry.slices();
  for (int z = 0; z < volume.geometry.slice_count(); ++z) {
    const auto& slice = slices[static_cast<std::size_t>(z)];
    DcmDataset data;
    put(data, DCM_SpecificCharacterSet, "ISO_IR 192");
    put(data, DCM_SOPClassUID, slice.instance.sop_class_uid.str());
    put(data, DCM_SOPInstanceUID, slice.instance.sop_instance_uid.str());
    put_patient_and_study(data, identification, slice.instance);
    put_series_and_equipment(data, identification, slice.instance);
    put_plane(data, volume.geometry, slice.plane);
    put_image(data, identification, z + 1);
    put_pixels(data, volume, {0, 0, z});
    files.push_back(to_part10(data));
  }
  return files;
}

}  // namespace punctum
