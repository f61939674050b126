#include "tests/support/ct_slice_builder.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum::test {
namespace {

std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string shortest(text.data(), end);
  if (shortest.size() <= 16) return shortest;
  const auto rounded = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 9).ptr;
  return std::string(text.data(), rounded);
}

std::string decimals(std::initializer_list<double> values) {
  std::string joined;
  for (const double value : values) joined += (joined.empty() ? "" : "\\") + decimal(value);
  return joined;
}

DcmTag tag_of(const std::string& keyword) {
  DcmTag tag;
  check(DcmTag::findTagFromName(keyword.c_str(), tag), "find the tag " + keyword);
  return tag;
}

void put(DcmItem& item, const DcmTag& tag, const std::string& value) {
  check(item.putAndInsertString(tag, value.c_str()), std::string("put ") + DcmTag(tag).getTagName());
}

void put_number(DcmItem& item, const DcmTag& tag, int value) {
  check(item.putAndInsertUint16(tag, static_cast<Uint16>(value)), std::string("put ") + DcmTag(tag).getTagName());
}

std::uint16_t stored_value(double hu, const PixelForm& form) {
  const double lowest = form.is_signed ? -std::exp2(form.bits_stored - 1) : 0;
  const double highest = std::exp2(form.is_signed ? form.bits_stored - 1 : form.bits_stored) - 1;
  const double value = std::clamp(std::round((hu - form.intercept) / form.slope), lowest, highest);
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << form.bits_stored) - 1);
  return static_cast<std::uint16_t>(static_cast<std::uint32_t>(static_cast<std::int32_t>(value)) & mask);
}

}  // namespace

CtSliceBuilder& CtSliceBuilder::patient(std::string name, std::string id) {
  patient_name_ = std::move(name);
  patient_id_ = std::move(id);
  return *this;
}
CtSliceBuilder& CtSliceBuilder::study(const std::string& key) {
  study_ = key;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::series(const std::string& key) {
  series_ = key;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::instance(int number) {
  instance_ = number;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::size(int columns, int rows) {
  plane_.columns = columns;
  plane_.rows = rows;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::position_mm(double x, double y, double z) {
  plane_.position_mm = {x, y, z};
  return *this;
}
CtSliceBuilder& CtSliceBuilder::direction(PatientVector row, PatientVector column) {
  plane_.row_direction = row;
  plane_.column_direction = column;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::spacing_mm(double row_spacing, double column_spacing) {
  plane_.row_spacing_mm = row_spacing;
  plane_.column_spacing_mm = column_spacing;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::thickness_mm(double thickness) {
  thickness_mm_ = thickness;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::acquisition(int number) {
  acquisition_ = number;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::image_type(std::string values) {
  image_type_ = std::move(values);
  return *this;
}
CtSliceBuilder& CtSliceBuilder::pixels(PixelForm form) {
  form_ = form;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::transfer_syntax(const std::string& uid) {
  transfer_syntax_ = uid;
  return *this;
}
CtSliceBuilder& CtSliceBuilder::hu(std::function<double(int, int)> value) {
  hu_ = std::move(value);
  return *this;
}
CtSliceBuilder& CtSliceBuilder::with(const std::string& keyword, std::string value) {
  with_.emplace_back(keyword, std::move(value));
  return *this;
}
CtSliceBuilder& CtSliceBuilder::without(const std::string& keyword) {
  without_.insert(keyword);
  return *this;
}

TestSlice CtSliceBuilder::build() const {
  DcmDataset data;
  const auto study_uid = Uid::derived_from("test study " + study_);
  const auto series_uid = Uid::derived_from("test series " + study_ + "/" + series_);
  const auto sop_uid = Uid::derived_from("test instance " + study_ + "/" + series_ + "/" + std::to_string(instance_));
  put(data, DCM_SpecificCharacterSet, "ISO_IR 192");
  put(data, DCM_ImageType, image_type_);
  put(data, DCM_SOPClassUID, std::string(sop_class::ct_image_storage));
  put(data, DCM_SOPInstanceUID, sop_uid.str());
  put(data, DCM_StudyDate, "20260102");
  put(data, DCM_SeriesDate, "20260102");
  put(data, DCM_AcquisitionDate, "20260102");
  put(data, DCM_ContentDate, "20260102");
  put(data, DCM_StudyTime, "101500");
  put(data, DCM_SeriesTime, "101600");
  put(data, DCM_AcquisitionTime, "101601");
  put(data, DCM_ContentTime, "101602");
  put(data, DCM_AccessionNumber, "");
  put(data, DCM_Modality, "CT");
  put(data, DCM_Manufacturer, "Punctum tests");
  put(data, DCM_ReferringPhysicianName, "");
  put(data, DCM_StudyDescription, "Test study");
  put(data, DCM_SeriesDescription, "Test series");
  put(data, DCM_PatientName, patient_name_);
  put(data, DCM_PatientID, patient_id_);
  put(data, DCM_PatientBirthDate, "19600101");
  put(data, DCM_PatientSex, "O");
  put(data, DCM_BodyPartExamined, "CHEST");
  put(data, DCM_SliceThickness, decimal(thickness_mm_));
  put(data, DCM_KVP, "120");
  put(data, DCM_PatientPosition, "HFS");
  put(data, DCM_StudyInstanceUID, study_uid.str());
  put(data, DCM_SeriesInstanceUID, series_uid.str());
  put(data, DCM_StudyID, "1");
  put(data, DCM_SeriesNumber, "1");
  put(data, DCM_AcquisitionNumber, acquisition_ ? std::to_string(*acquisition_) : "");
  put(data, DCM_InstanceNumber, std::to_string(instance_));
  const auto& p = plane_;
  put(data, DCM_ImagePositionPatient, decimals({p.position_mm.x, p.position_mm.y, p.position_mm.z}));
  put(data, DCM_ImageOrientationPatient,
      decimals({p.row_direction.x, p.row_direction.y, p.row_direction.z, p.column_direction.x, p.column_direction.y,
                p.column_direction.z}));
  put(data, DCM_FrameOfReferenceUID, Uid::derived_from("test frame of reference " + study_).str());
  put(data, DCM_PositionReferenceIndicator, "");
  put_number(data, DCM_SamplesPerPixel, 1);
  put(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  put_number(data, DCM_Rows, p.rows);
  put_number(data, DCM_Columns, p.columns);
  put(data, DCM_PixelSpacing, decimals({p.row_spacing_mm, p.column_spacing_mm}));
  put_number(data, DCM_BitsAllocated, form_.bits_allocated);
  put_number(data, DCM_BitsStored, form_.bits_stored);
  put_number(data, DCM_HighBit, form_.bits_stored - 1);
  put_number(data, DCM_PixelRepresentation, form_.is_signed ? 1 : 0);
  if (form_.padding_value) {
    const DcmTag padding(DCM_PixelPaddingValue, DcmVR(form_.is_signed ? EVR_SS : EVR_US));
    put(data, padding, std::to_string(*form_.padding_value));
  }
  put(data, DCM_RescaleIntercept, decimal(form_.intercept));
  put(data, DCM_RescaleSlope, decimal(form_.slope));
  put(data, DCM_RescaleType, "HU");
  put(data, DCM_WindowCenter, "40");
  put(data, DCM_WindowWidth, "400");

  std::vector<Uint16> words;
  words.reserve(static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(p.columns));
  for (int y = 0; y < p.rows; ++y) {
    for (int x = 0; x < p.columns; ++x) words.push_back(stored_value(hu_(x, y), form_));
  }
  if (form_.bits_allocated == 8) {
    std::vector<Uint8> octets(words.begin(), words.end());
    if (octets.size() % 2 != 0) octets.push_back(0);
    check(data.putAndInsertUint8Array(DCM_PixelData, octets.data(), octets.size()), "put Pixel Data");
  } else {
    check(data.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()), "put Pixel Data");
  }

  for (const auto& [keyword, value] : with_) put(data, tag_of(keyword), value);
  for (const auto& keyword : without_) data.findAndDeleteElement(tag_of(keyword));

  const auto syntax = DcmXfer(transfer_syntax_.c_str()).getXfer();
  return {to_part10(data, syntax), plane_};
}

CtSeriesBuilder& CtSeriesBuilder::count(int slices) {
  count_ = slices;
  return *this;
}
CtSeriesBuilder& CtSeriesBuilder::step_mm(double along_normal) {
  step_ = {0, 0, along_normal};
  slice.thickness_mm(std::abs(along_normal));
  return *this;
}
CtSeriesBuilder& CtSeriesBuilder::step_mm(PatientVector from_one_to_next) {
  step_ = from_one_to_next;
  return *this;
}
CtSeriesBuilder& CtSeriesBuilder::first_position_mm(double x, double y, double z) {
  first_ = {x, y, z};
  return *this;
}
CtSeriesBuilder& CtSeriesBuilder::hu(std::function<double(int, int, int)> value) {
  hu_ = std::move(value);
  return *this;
}
CtSeriesBuilder& CtSeriesBuilder::each(std::function<void(CtSliceBuilder&, int)> change) {
  each_ = std::move(change);
  return *this;
}

std::vector<TestSlice> CtSeriesBuilder::build() const {
  std::vector<TestSlice> slices;
  for (int z = 0; z < count_; ++z) {
    auto builder = slice;
    const auto position = first_ + step_ * z;
    builder.instance(z + 1).position_mm(position.x, position.y, position.z);
    if (hu_) builder.hu([this, z](int x, int y) { return hu_(x, y, z); });
    if (each_) each_(builder, z);
    slices.push_back(builder.build());
  }
  return slices;
}

std::vector<Bytes> bytes_of(const std::vector<TestSlice>& slices) {
  std::vector<Bytes> files;
  for (const auto& slice : slices) files.push_back(slice.bytes());
  return files;
}

}  // namespace punctum::test
