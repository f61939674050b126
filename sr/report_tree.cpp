#include "sr/report_tree.hpp"

#include <string>

#include "dicom/modules/elements.hpp"
#include "dicom/modules/series_equipment.hpp"
#include "sr/coded_concepts.hpp"

namespace punctum {
namespace {

/// TID 1002 with TID 1004: the node, named before the person so that no reader can take its name for the person's.
void add_device_observer(ContentItem& root, const ResultIdentity& identity) {
  using namespace relationship;
  const auto serial = identity.device_serial_number.empty() ? "0" : identity.device_serial_number;
  const auto device = Uid::derived_from("punctum|device|" + serial);
  root.add(has_obs_context, concept_name::observer_type, Code{concept_value::device});
  root.add(has_obs_context, concept_name::device_observer_uid, UidReference{device});
  root.add(has_obs_context, concept_name::device_observer_name, Text{"Punctum"});
  root.add(has_obs_context, concept_name::device_observer_manufacturer, Text{std::string(manufacturer)});
  root.add(has_obs_context, concept_name::device_observer_model, Text{std::string(model_name)});
  root.add(has_obs_context, concept_name::device_observer_serial, Text{serial});
}

/// TID 1003: who clicked.
void add_person_observer(ContentItem& root, const ReportSubject& subject) {
  using namespace relationship;
  const auto name = subject.text.person_name(subject.identity.reader.reveal());
  if (name.empty()) return;
  root.add(has_obs_context, concept_name::observer_type, Code{concept_value::person});
  root.add(has_obs_context, concept_name::person_observer_name, PersonName{name});
}

Number count_of(int value, const CodedConcept& unit) { return {std::to_string(value), unit}; }
Number length_of(double mm) { return {decimal_string(mm), ucum::millimeter}; }

/// TID 1600: the images that were looked at. What all have in common (TID 1602, 1604) stands once, on their group.
void add_image_library(ContentItem& root, const SourceSeries& source) {
  using namespace relationship;
  const auto& grid = source.geometry();
  auto& library = root.add(contains, concept_name::image_library, Container{});
  auto& group = library.add(contains, concept_name::image_library_group, Container{});
  group.add(has_acq_context, concept_name::modality, Code{concept_value::computed_tomography});
  group.add(has_acq_context, concept_name::frame_of_reference, UidReference{grid.frame_of_reference_uid()});
  group.add(has_acq_context, concept_name::pixel_data_rows, count_of(grid.rows(), ucum::pixels));
  group.add(has_acq_context, concept_name::pixel_data_columns, count_of(grid.columns(), ucum::pixels));
  group.add(has_acq_context, concept_name::horizontal_pixel_spacing, length_of(grid.column_spacing_mm()));
  group.add(has_acq_context, concept_name::vertical_pixel_spacing, length_of(grid.row_spacing_mm()));
  if (grid.slice_count() > 1) {
    group.add(has_acq_context, concept_name::spacing_between_slices, length_of(grid.slice_spacing_mm()));
  }
  for (const auto& slice : grid.slices()) {
    group.add(contains, {}, ImageReference{slice.instance.sop_class_uid, slice.instance.sop_instance_uid});
  }
}

}  // namespace

ContentItem report_tree(const ReportSubject& subject) {
  using namespace relationship;
  ContentItem root{"", concept_name::imaging_measurement_report, Container{"1500"}};
  root.add(has_concept_mod, concept_name::language, Code{concept_value::english});
  add_device_observer(root, subject.identity);
  add_person_observer(root, subject);
  root.add(has_concept_mod, concept_name::procedure_reported, Code{concept_value::ct_unspecified_region});
  add_image_library(root, subject.source);
  root.add(contains, concept_name::imaging_measurements, Container{}).children.push_back(measurement_group(subject));
  return root;
}

}  // namespace punctum
