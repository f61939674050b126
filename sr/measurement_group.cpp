#include <cmath>
#include <format>
#include <string>

#include "dicom/findings/attribute_codes.hpp"
#include "dicom/modules/elements.hpp"
#include "sr/coded_concepts.hpp"
#include "sr/report_tree.hpp"

namespace punctum {
namespace {

/// Measured values carry no more digits than a reader can use.
std::string rounded(double value, int decimals) {
  const auto scale = std::pow(10.0, decimals);
  return decimal_string(std::round(value * scale) / scale);
}

/// TID 4019: the network whose contour this is.
void add_algorithm(ContentItem& group, const ReportSubject& subject) {
  using namespace relationship;
  const auto& identity = subject.identity;
  group.add(has_concept_mod, concept_name::algorithm_name, Text{subject.text.line("Punctum " + identity.model_name)});
  group.add(has_concept_mod, concept_name::algorithm_version,
            Text{identity.model_version.empty() ? "0" : subject.text.line(identity.model_version)});
  group.add(has_concept_mod, concept_name::algorithm_parameters,
            Text{subject.text.line(algorithm_parameters(identity), 1024)});
}

/// One NUM of TID 1419, with the program that computed it (TID 4019).
ContentItem& add_measurement(ContentItem& group, const CodedConcept& name, Number number,
                             const ReportSubject& subject) {
  using namespace relationship;
  const auto& version = subject.identity.software_version;
  auto& measurement = group.add(contains, name, std::move(number));
  measurement.add(has_concept_mod, concept_name::algorithm_name, Text{"Punctum"});
  measurement.add(has_concept_mod, concept_name::algorithm_version, Text{version.empty() ? "0" : version});
  return measurement;
}

void add_axis(ContentItem& group, const CodedConcept& name, double mm, const ReportSubject& subject) {
  const auto slice = static_cast<std::size_t>(subject.report.measurements->axis_slice);
  const auto& instance = subject.source.geometry().slices().at(slice).instance;
  auto& axis = add_measurement(group, name, {rounded(mm, 2), ucum::millimeter}, subject);
  axis.add(relationship::inferred_from, concept_name::source_of_measurement,
           ImageReference{instance.sop_class_uid, instance.sop_instance_uid});
}

void add_attenuation(ContentItem& group, const CodedConcept& derivation, double hu, const ReportSubject& subject) {
  auto& measurement = add_measurement(group, concept_name::attenuation, {rounded(hu, 2), ucum::hounsfield}, subject);
  measurement.add(relationship::has_concept_mod, concept_name::derivation, Code{derivation});
}

void add_measurements(ContentItem& group, const ReportSubject& subject) {
  const auto& measured = *subject.report.measurements;
  auto& volume =
      add_measurement(group, concept_name::volume, {rounded(measured.volume_mm3, 3), ucum::cubic_millimeter}, subject);
  volume.add(relationship::has_concept_mod, concept_name::measurement_method,
             Code{concept_value::sum_of_voxel_volumes});
  add_axis(group, concept_name::long_axis, measured.long_axis_mm, subject);
  add_axis(group, concept_name::short_axis, measured.short_axis_mm, subject);
  add_attenuation(group, concept_value::mean, measured.mean_hu, subject);
  add_attenuation(group, concept_value::standard_deviation, measured.sd_hu, subject);
  add_attenuation(group, concept_value::minimum, measured.min_hu, subject);
  add_attenuation(group, concept_value::maximum, measured.max_hu, subject);
  add_measurement(group, concept_name::number_of_voxels, {std::to_string(measured.voxel_count), ucum::no_units},
                  subject);
}

/// The five attributes, each with the probability that it is so.
void add_attributes(ContentItem& group, const LesionReport& report) {
  using namespace relationship;
  for (const auto& finding : report.attributes) {
    auto& attribute =
        group.add(contains, attribute_code(finding.attribute), Code{label_code(finding.attribute, finding.best())});
    attribute.add(has_properties, concept_name::certainty_of_feature,
                  Number{rounded(100 * finding.best_probability(), 1), ucum::percent});
  }
}

void add_identification(ContentItem& group, const ReportSubject& subject) {
  using namespace relationship;
  const auto& lesion = subject.identity.lesion;
  const auto tracking_id = subject.text.line(lesion.tracking_id);
  group.add(has_obs_context, concept_name::activity_session, Text{std::to_string(subject.identity.round)});
  group.add(has_obs_context, concept_name::tracking_identifier, Text{tracking_id.empty() ? "Lesion" : tracking_id});
  group.add(has_obs_context, concept_name::tracking_uid, UidReference{lesion.tracking_uid});
  add_algorithm(group, subject);
}

bool is_segmented(const ReportSubject& subject) { return subject.segmentation && subject.report.measurements; }

/// The finding in one line of English, for readers that show text only.
std::string plain_sentence(const LesionReport& report) {
  const auto& measured = *report.measurements;
  auto sentence =
      std::format("Volume {:.2f} ml, {:.1f} x {:.1f} mm in plane, mean {:.0f} HU", measured.volume_mm3 / 1000,
                  measured.long_axis_mm, measured.short_axis_mm, measured.mean_hu);
  for (const auto& finding : report.attributes) {
    sentence += std::format("; {}: {} ({:.0f} %)", attribute_code(finding.attribute).meaning, finding.best_label(),
                            100 * finding.best_probability());
  }
  return sentence + ".";
}

void add_comments(ContentItem& group, const LesionReport& report) {
  using namespace relationship;
  group.add(contains, concept_name::comment, Text{plain_sentence(report)});
  if (report.mask_quality <= 0) return;
  group.add(contains, concept_name::comment,
            Text{std::format("Overlap (IoU) of the contour with the lesion as the model itself estimates it: {:.2f}.",
                             report.mask_quality)});
}

}  // namespace

ContentItem measurement_group(const ReportSubject& subject) {
  using namespace relationship;
  const bool segmented = is_segmented(subject);
  ContentItem group{std::string(contains), concept_name::measurement_group, Container{segmented ? "1411" : "1501"}};
  add_identification(group, subject);
  if (!segmented) {
    group.add(contains, concept_name::comment, Text{"Nothing was segmented at the click."});
    return group;
  }
  const auto& segmentation = *subject.segmentation;
  group.add(contains, concept_name::finding_category, Code{finding_category_code});
  group.add(contains, concept_name::finding, Code{finding_code});
  group.add(contains, concept_name::referenced_segment,
            ImageReference{segmentation.sop_class_uid, segmentation.sop_instance_uid, {1}});
  group.add(contains, concept_name::source_series,
            UidReference{subject.source.geometry().slices().front().instance.series_instance_uid});
  add_measurements(group, subject);
  add_attributes(group, subject.report);
  add_comments(group, subject.report);
  return group;
}

}  // namespace punctum
