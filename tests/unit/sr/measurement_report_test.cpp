#include "sr/measurement_report.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmsr/dsrdoc.h>
#include <gtest/gtest.h>

#include <set>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/findings/attribute_codes.hpp"
#include "sr/coded_concepts.hpp"
#include "sr/content_item.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/sr/report_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

std::unique_ptr<DcmDataset> parsed(const Part10File& file) { return parse_part10(file.bytes, Extent::whole); }

const ContentItem& group_of(const ContentItem& root) {
  return root.child(concept_name::imaging_measurements)->children.front();
}

double number_in(const ContentItem* item) { return std::stod(std::get<Number>(item->content).value); }
CodedConcept code_in(const ContentItem* item) { return std::get<Code>(item->content).code; }

TEST(MeasurementReport, CarriesFiveAttributesWithTheirProbabilities) {
  const auto root = read_content_tree(*parsed(written_result().sr));
  const auto& group = group_of(root);
  const std::vector<std::tuple<Attribute, CodedConcept, double>> expected{
      {Attribute::shape, {"SHP-PUNCT", "99PUNCTUM", ""}, 80},
      {Attribute::density, {"DEN-HYPO", "99PUNCTUM", ""}, 70},
      {Attribute::heterogeneity, {"RID6060", "RADLEX", ""}, 60},
      {Attribute::surface, {"260409000", "SCT", ""}, 90},
      {Attribute::invasion, {"INV-CLOSE", "99PUNCTUM", ""}, 75}};
  for (const auto& [attribute, value, percent] : expected) {
    const auto* item = group.child(attribute_code(attribute));
    ASSERT_NE(item, nullptr) << attribute_code(attribute).meaning;
    EXPECT_EQ(code_in(item), value) << code_in(item).value;
    const auto* certainty = item->child(concept_name::certainty_of_feature);
    ASSERT_NE(certainty, nullptr);
    EXPECT_EQ(certainty->relationship, "HAS PROPERTIES");
    EXPECT_NEAR(number_in(certainty), percent, 1e-9);
  }
}

TEST(MeasurementReport, EveryLabelHasACodeWithTheTemplatesWords) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& entry : attribute_vocabulary()) {
    const auto name = attribute_code(entry.attribute);
    EXPECT_EQ(name.meaning, entry.name);
    EXPECT_TRUE(seen.emplace(name.value, name.scheme).second);
    for (std::size_t label = 0; label < entry.labels.size(); ++label) {
      const auto code = label_code(entry.attribute, label);
      EXPECT_EQ(code.meaning, entry.labels[label]);
      EXPECT_LE(code.value.size(), 16u);
      EXPECT_FALSE(code.value.empty()) << code.meaning;
      EXPECT_TRUE(seen.emplace(code.value, code.scheme).second) << code.value << " has two meanings";
    }
  }
  EXPECT_EQ(seen.size(), 18u);
}

TEST(MeasurementReport, CarriesTheMeasurementsWithUnits) {
  const auto result = written_result();
  const auto root = read_content_tree(*parsed(result.sr));
  const auto& group = group_of(root);
  EXPECT_NEAR(number_in(group.child(concept_name::volume)), 642.125, 1e-9);
  EXPECT_EQ(std::get<Number>(group.child(concept_name::volume)->content).unit, ucum::cubic_millimeter);
  EXPECT_EQ(code_in(group.child(concept_name::volume)->child(concept_name::measurement_method)),
            concept_value::sum_of_voxel_volumes);
  EXPECT_NEAR(number_in(group.child(concept_name::long_axis)), 12.34, 1e-9);
  const auto* measured_on = group.child(concept_name::long_axis)->child(concept_name::source_of_measurement);
  EXPECT_EQ(std::get<ImageReference>(measured_on->content).sop_instance_uid, result.slices[2].uid());
  std::vector<double> attenuation;
  for (const auto& item : group.children) {
    if (item.name == concept_name::attenuation) attenuation.push_back(number_in(&item));
  }
  EXPECT_EQ(attenuation, (std::vector<double>{-12.5, 33.3, -120, 88}));
  EXPECT_NEAR(number_in(group.child(concept_name::number_of_voxels)), 321, 0);
}

TEST(MeasurementReport, SpeaksOfTheSameLesionAsSegmentationAndPresentationState) {
  const auto result = written_result();
  const auto dataset = parsed(result.sr);
  const auto root = read_content_tree(*dataset);
  const auto& group = group_of(root);
  EXPECT_EQ(std::get<UidReference>(group.child(concept_name::tracking_uid)->content).uid,
            result.identity.lesion.tracking_uid);
  const auto& segment = std::get<ImageReference>(group.child(concept_name::referenced_segment)->content);
  EXPECT_EQ(segment.sop_instance_uid, result.seg.name.sop_instance_uid);
  EXPECT_EQ(segment.segments, std::vector<int>{1});

  std::set<Uid> evidence;
  for (auto* study : read_items(*dataset, DCM_CurrentRequestedProcedureEvidenceSequence)) {
    for (auto* series : read_items(*study, DCM_ReferencedSeriesSequence)) {
      for (auto* instance : read_items(*series, DCM_ReferencedSOPSequence)) {
        evidence.insert(require_uid(*instance, DCM_ReferencedSOPInstanceUID));
      }
    }
  }
  EXPECT_TRUE(evidence.contains(result.seg.name.sop_instance_uid));
  EXPECT_TRUE(evidence.contains(result.identity.presentation_state.sop_instance_uid));
  for (const auto& slice : result.slices) EXPECT_TRUE(evidence.contains(slice.uid()));
}

TEST(MeasurementReport, NamesItsPredecessorInLaterRounds) {
  const SopInstance before{Uid::derived_from("study"), Uid::derived_from("sr series"), Uid::derived_from("sr before"),
                           Uid::require("1.2.840.10008.5.1.4.1.1.88.22")};
  const auto dataset = parsed(written_result(CtSeriesBuilder().count(6), before).sr);
  const auto predecessors = read_items(*dataset, DCM_PredecessorDocumentsSequence);
  ASSERT_EQ(predecessors.size(), 1u);
  auto* series = read_items(*predecessors[0], DCM_ReferencedSeriesSequence).at(0);
  EXPECT_EQ(read_uid(*read_items(*series, DCM_ReferencedSOPSequence).at(0), DCM_ReferencedSOPInstanceUID),
            before.sop_instance_uid);
}

TEST(MeasurementReport, NamesDeviceBeforePerson) {
  const auto root = read_content_tree(*parsed(written_result().sr));
  std::vector<std::string> observers;
  for (const auto& item : root.children) {
    if (item.name == concept_name::observer_type) observers.push_back(code_in(&item).meaning);
    if (item.name == concept_name::person_observer_name) observers.push_back(std::get<PersonName>(item.content).name);
  }
  EXPECT_EQ(observers, (std::vector<std::string>{"Device", "Person", "Reader^One"}));
}

TEST(MeasurementReport, SaysSoWhenNothingWasSegmented) {
  const auto source = source_of(CtSeriesBuilder().count(4).build());
  const auto sr =
      write_measurement_report(LesionReport{}, nullptr, *source, identity_for(source->geometry()), std::nullopt);
  const auto root = read_content_tree(*parsed(sr));
  const auto& group = group_of(root);
  EXPECT_EQ(std::get<Text>(group.child(concept_name::comment)->content).text, "Nothing was segmented at the click.");
  EXPECT_EQ(group.child(concept_name::finding), nullptr);
  EXPECT_EQ(group.child(concept_name::volume), nullptr);
}

TEST(MeasurementReport, LeavesOutAttributesThatNobodyTrained) {
  const auto result = written_result();
  auto report = report_with_everything();
  report.attributes.clear();
  const auto sr = write_measurement_report(report, &result.seg, *result.source, result.identity, std::nullopt);
  const auto root = read_content_tree(*parsed(sr));
  const auto& group = group_of(root);
  for (const auto& words : attribute_vocabulary()) EXPECT_EQ(group.child(attribute_code(words.attribute)), nullptr);
  EXPECT_NE(group.child(concept_name::volume), nullptr) << "what was measured stands all the same";
}

TEST(MeasurementReport, DcmtkReadsTheWholeTree) {
  const auto dataset = parsed(written_result().sr);
  DSRDocument document;
  ASSERT_TRUE(document.read(*dataset).good());
  EXPECT_TRUE(document.isValid());
  EXPECT_EQ(document.getDocumentType(), DSRTypes::DT_EnhancedSR);
  std::size_t numbers = 0;
  for (auto id = document.getTree().gotoRoot(); id != 0; id = document.getTree().iterate()) {
    numbers += document.getTree().getCurrentContentItem().getValueType() == DSRTypes::VT_Num ? 1u : 0u;
  }
  EXPECT_GE(numbers, 8u + 5u);
}

}  // namespace
}  // namespace punctum
