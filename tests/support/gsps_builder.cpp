#include "tests/support/gsps_builder.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <map>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum::test {
namespace {

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  check(item.putAndInsertString(tag, value.c_str()), "put a test value");
}

DcmItem& new_item(DcmItem& parent, const DcmTagKey& sequence) {
  DcmItem* item = nullptr;
  check(parent.findOrCreateSequenceItem(sequence, item, /*itemNum: append*/ -2), "add a test item");
  return *item;
}

void put_image_reference(DcmItem& parent, const TestSlice& slice, std::optional<int> frame = {}) {
  auto& item = new_item(parent, DCM_ReferencedImageSequence);
  put(item, DCM_ReferencedSOPClassUID, slice.name().sop_class_uid.str());
  put(item, DCM_ReferencedSOPInstanceUID, slice.uid().str());
  if (frame) put(item, DCM_ReferencedFrameNumber, std::to_string(*frame));
}

void put_graphic(DcmItem& annotation, const TestGraphic& graphic) {
  auto& item = new_item(annotation, DCM_GraphicObjectSequence);
  if (graphic.units) put(item, DCM_GraphicAnnotationUnits, *graphic.units);
  if (graphic.dimensions) {
    check(item.putAndInsertUint16(DCM_GraphicDimensions, static_cast<Uint16>(*graphic.dimensions)), "put dimensions");
  }
  if (graphic.point_count) {
    check(item.putAndInsertUint16(DCM_NumberOfGraphicPoints, static_cast<Uint16>(*graphic.point_count)), "put count");
  }
  if (!graphic.data.empty()) {
    check(item.putAndInsertFloat32Array(DCM_GraphicData, graphic.data.data(), graphic.data.size()), "put data");
  }
  put(item, DCM_GraphicType, graphic.type);
  put(item, DCM_GraphicFilled, "N");
  if (graphic.tracking_id) put(item, DCM_TrackingID, *graphic.tracking_id);
  if (graphic.tracking_uid) put(item, DCM_TrackingUID, *graphic.tracking_uid);
  if (graphic.group) {
    check(item.putAndInsertUint32(DCM_GraphicGroupID, static_cast<Uint32>(*graphic.group)), "put group");
  }
}

void put_annotation(DcmItem& data, const TestAnnotation& annotation) {
  auto& item = new_item(data, DCM_GraphicAnnotationSequence);
  for (const auto& slice : annotation.images) put_image_reference(item, slice, annotation.frame);
  if (annotation.layer) put(item, DCM_GraphicLayer, *annotation.layer);
  if (annotation.with_empty_text_sequence) check(item.insertEmptyElement(DCM_TextObjectSequence), "put empty sequence");
  for (const auto& graphic : annotation.graphics) put_graphic(item, graphic);
}

void put_top_level_references(DcmItem& data, const std::vector<TestSlice>& slices) {
  std::map<std::string, DcmItem*> series;
  for (const auto& slice : slices) {
    const auto& uid = slice.name().series_instance_uid.str();
    if (!series.contains(uid)) {
      auto& item = new_item(data, DCM_ReferencedSeriesSequence);
      put(item, DCM_SeriesInstanceUID, uid);
      series[uid] = &item;
    }
    put_image_reference(*series[uid], slice);
  }
}

void put_displayed_area(DcmItem& data, int columns, int rows) {
  auto& item = new_item(data, DCM_DisplayedAreaSelectionSequence);
  put(item, DCM_PresentationSizeMode, "SCALE TO FIT");
  put(item, DCM_PresentationPixelAspectRatio, "1\\1");
  const Sint32 top_left[] = {1, 1};
  const Sint32 bottom_right[] = {columns, rows};
  check(item.putAndInsertSint32Array(DCM_DisplayedAreaTopLeftHandCorner, top_left, 2), "put area");
  check(item.putAndInsertSint32Array(DCM_DisplayedAreaBottomRightHandCorner, bottom_right, 2), "put area");
}

}  // namespace

GspsBuilder& GspsBuilder::refers_to(const TestSlice& slice) {
  const bool known =
      std::any_of(referenced_.begin(), referenced_.end(), [&](const auto& s) { return s.uid() == slice.uid(); });
  if (known) {  // points that follow are drawn on it all the same
    std::erase_if(referenced_, [&](const auto& s) { return s.uid() == slice.uid(); });
  }
  referenced_.push_back(slice);
  return *this;
}

GspsBuilder& GspsBuilder::add_point(double column, double row, const std::string& layer) {
  TestGraphic graphic;
  graphic.data = {static_cast<float>(column), static_cast<float>(row)};
  graphic.tracking_uid = tracking_uid_;
  graphic.tracking_id = tracking_id_;
  TestAnnotation annotation;
  annotation.layer = layer;
  if (!only_top_level_ && !referenced_.empty()) annotation.images = {referenced_.back()};
  annotation.graphics = {graphic};
  annotations_.push_back(std::move(annotation));
  return *this;
}

GspsBuilder& GspsBuilder::point(double column, double row) { return add_point(column, row, "CLICKS"); }
GspsBuilder& GspsBuilder::negative_point(double column, double row) { return add_point(column, row, "NEGATIVE"); }

GspsBuilder& GspsBuilder::annotation(TestAnnotation annotation) {
  annotations_.push_back(std::move(annotation));
  return *this;
}

GspsBuilder& GspsBuilder::tracking(std::string uid, std::string id) {
  tracking_uid_ = std::move(uid);
  tracking_id_ = std::move(id);
  return *this;
}

GspsBuilder& GspsBuilder::references_only_at_top_level() {
  only_top_level_ = true;
  return *this;
}

GspsBuilder& GspsBuilder::creator(std::string name) {
  creator_ = std::move(name);
  return *this;
}

GspsBuilder& GspsBuilder::instance(int number) {
  instance_ = number;
  return *this;
}

GspsBuilder& GspsBuilder::sop_class(std::string uid) {
  sop_class_ = std::move(uid);
  return *this;
}

GspsBuilder& GspsBuilder::edit(std::function<void(DcmDataset&)> change) {
  edits_.push_back(std::move(change));
  return *this;
}

Part10File GspsBuilder::build_file() const {
  DcmDataset data;
  const auto study =
      referenced_.empty() ? Uid::derived_from("test study study") : referenced_.front().name().study_instance_uid;
  put(data, DCM_SpecificCharacterSet, "ISO_IR 192");
  put(data, DCM_SOPClassUID,
      sop_class_.empty() ? std::string(sop_class::grayscale_softcopy_presentation_state_storage) : sop_class_);
  put(data, DCM_SOPInstanceUID,
      Uid::derived_from("test presentation state " + study.str() + "/" + std::to_string(instance_)).str());
  put(data, DCM_StudyInstanceUID, study.str());
  put(data, DCM_SeriesInstanceUID, Uid::derived_from("test presentation series " + study.str()).str());
  put(data, DCM_Modality, "PR");
  put(data, DCM_PatientName, "PHANTOM^BUILT");
  put(data, DCM_PatientID, "PHANTOM-1");
  put(data, DCM_InstanceNumber, std::to_string(instance_));
  put(data, DCM_ContentLabel, "CLICK");
  put(data, DCM_PresentationCreationDate, "20260102");
  put(data, DCM_PresentationCreationTime, "111213.5");
  put(data, DCM_ContentCreatorName, creator_);
  if (!referenced_.empty()) {
    put_top_level_references(data, referenced_);
    put_displayed_area(data, referenced_.front().plane().columns, referenced_.front().plane().rows);
  }
  for (const auto& annotation : annotations_) put_annotation(data, annotation);
  for (const auto& change : edits_) change(data);
  return to_part10(data);
}

}  // namespace punctum::test
