#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"
#include "sr/content_item.hpp"

namespace punctum {
namespace {

CodedConcept read_code(DcmItem& item, const DcmTagKey& sequence, const Utf8Reader& utf8) {
  const auto items = read_items(item, sequence);
  if (items.empty()) return {};
  auto& entry = *items.front();
  auto value = read_text(entry, DCM_CodeValue);
  if (!value) value = read_text(entry, DCM_LongCodeValue);
  if (!value) value = read_text(entry, DCM_URNCodeValue);
  return {value.value_or(""), read_text(entry, DCM_CodingSchemeDesignator).value_or(""),
          utf8.read(entry, DCM_CodeMeaning).value_or("")};
}

Content read_number(DcmItem& item, const Utf8Reader& utf8) {
  const auto measured = read_items(item, DCM_MeasuredValueSequence);
  if (measured.empty()) return Number{};  // measured, but without a value (PS3.3 C.18.1)
  return Number{read_text(*measured.front(), DCM_NumericValue).value_or(""),
                read_code(*measured.front(), DCM_MeasurementUnitsCodeSequence, utf8)};
}

Content read_image(DcmItem& item) {
  const auto references = read_items(item, DCM_ReferencedSOPSequence);
  if (references.empty()) throw DicomError("cannot read an IMAGE content item: Referenced SOP Sequence is missing");
  auto& reference = *references.front();
  ImageReference image{require_uid(reference, DCM_ReferencedSOPClassUID),
                       require_uid(reference, DCM_ReferencedSOPInstanceUID)};
  for (const auto segment : read_numbers(reference, DCM_ReferencedSegmentNumber)) {
    image.segments.push_back(static_cast<int>(segment));
  }
  return image;
}

Content read_content(DcmItem& item, const Utf8Reader& utf8) {
  const auto type = require_text(item, DCM_ValueType);
  if (type == "CONTAINER") {
    const auto templates = read_items(item, DCM_ContentTemplateSequence);
    return Container{templates.empty() ? "" : read_text(*templates.front(), DCM_TemplateIdentifier).value_or("")};
  }
  if (type == "TEXT") return Text{utf8.read(item, DCM_TextValue).value_or("")};
  if (type == "CODE") return Code{read_code(item, DCM_ConceptCodeSequence, utf8)};
  if (type == "NUM") return read_number(item, utf8);
  if (type == "UIDREF") return UidReference{require_uid(item, DCM_UID)};
  if (type == "PNAME") return PersonName{utf8.read(item, DCM_PersonName).value_or("")};
  if (type == "DATE") return Date{read_text(item, DCM_Date).value_or("")};
  if (type == "TIME") return Time{read_text(item, DCM_Time).value_or("")};
  if (type == "IMAGE") return read_image(item);
  return Unread{type};
}

// The depth of a data set is limited before it is parsed (dicom/dcmtk/structure_guard.hpp).
ContentItem read_item(DcmItem& item, const Utf8Reader& utf8) {
  ContentItem read{read_text(item, DCM_RelationshipType).value_or(""),
                   read_code(item, DCM_ConceptNameCodeSequence, utf8), read_content(item, utf8)};
  for (auto* child : read_items(item, DCM_ContentSequence)) {
    const bool by_reference = child->tagExists(DCM_ReferencedContentItemIdentifier);
    if (!by_reference) read.children.push_back(read_item(*child, utf8));
  }
  return read;
}

}  // namespace

ContentItem read_content_tree(DcmItem& dataset) { return read_item(dataset, Utf8Reader(dataset)); }

}  // namespace punctum
