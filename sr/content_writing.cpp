#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include "dicom/modules/elements.hpp"
#include "sr/content_item.hpp"

namespace punctum {
namespace {

/// Writes Value Type and value of one item, by kind.
class ContentWriter {
 public:
  explicit ContentWriter(DcmItem& item) : item_(item) {}

  void operator()(const Container& container) {
    put_value_type("CONTAINER");
    put(item_, DCM_ContinuityOfContent, "SEPARATE");
    if (container.template_id.empty()) return;
    auto& content_template = append_item(item_, DCM_ContentTemplateSequence);
    put(content_template, DCM_MappingResource, "DCMR");
    put(content_template, DCM_TemplateIdentifier, container.template_id);
  }
  void operator()(const Text& text) {
    put_value_type("TEXT");
    put(item_, DCM_TextValue, text.text);
  }
  void operator()(const Code& code) {
    put_value_type("CODE");
    put_code(item_, DCM_ConceptCodeSequence, code.code);
  }
  void operator()(const Number& number) {
    put_value_type("NUM");
    auto& measured = append_item(item_, DCM_MeasuredValueSequence);
    put(measured, DCM_NumericValue, number.value);
    put_code(measured, DCM_MeasurementUnitsCodeSequence, number.unit);
  }
  void operator()(const UidReference& reference) {
    put_value_type("UIDREF");
    put(item_, DCM_UID, reference.uid);
  }
  void operator()(const PersonName& person) {
    put_value_type("PNAME");
    put(item_, DCM_PersonName, person.name);
  }
  void operator()(const Date& date) {
    put_value_type("DATE");
    put(item_, DCM_Date, date.date);
  }
  void operator()(const Time& time) {
    put_value_type("TIME");
    put(item_, DCM_Time, time.time);
  }
  void operator()(const ImageReference& image) {
    put_value_type("IMAGE");
    auto& reference = append_item(item_, DCM_ReferencedSOPSequence);
    put(reference, DCM_ReferencedSOPClassUID, image.sop_class_uid);
    put(reference, DCM_ReferencedSOPInstanceUID, image.sop_instance_uid);
    if (image.segments.empty()) return;
    std::vector<Uint16> segments;
    for (const auto segment : image.segments) segments.push_back(static_cast<Uint16>(segment));
    put_us(reference, DCM_ReferencedSegmentNumber, segments);
  }
  void operator()(const Unread& unread) { put_value_type(unread.value_type); }

 private:
  void put_value_type(std::string_view type) { put(item_, DCM_ValueType, type); }
  DcmItem& item_;
};

}  // namespace

void put_content_tree(DcmItem& dataset, const ContentItem& root) {
  if (!root.relationship.empty()) put(dataset, DCM_RelationshipType, root.relationship);
  if (!root.name.value.empty()) put_code(dataset, DCM_ConceptNameCodeSequence, root.name);
  std::visit(ContentWriter(dataset), root.content);
  for (const auto& child : root.children) put_content_tree(append_item(dataset, DCM_ContentSequence), child);
}

}  // namespace punctum
