#include "sr/report_text.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <charconv>
#include <format>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "sr/coded_concepts.hpp"
#include "sr/content_item.hpp"

namespace punctum {
namespace {

std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::string unit_text(const CodedConcept& unit) {
  if (unit.scheme != "UCUM") return unit.meaning;
  if (unit.value == "mm3") return "mm³";
  if (unit.value == "cm3") return "cm³";
  if (unit.value == "mm2") return "mm²";
  if (unit.value == "[hnsf'U]") return "HU";
  if (unit.value == "1") return "";
  return unit.value;
}

std::string number_text(const Number& number) {
  if (number.value.empty()) return "not measured";
  const auto unit = unit_text(number.unit);
  const auto text = unit.empty() ? number.value : number.value + " " + unit;
  const auto value = number.unit.value == "mm3" ? as_number(number.value) : std::nullopt;
  return value ? text + std::format(" ({:.2f} ml)", *value / 1000) : text;
}

/// What narrows a name down: "Attenuation Coefficient (Mean)". How it was measured is left to other readers.
std::string name_text(const ContentItem& item) {
  std::string modifiers;
  for (const auto& child : item.children) {
    const auto* code = std::get_if<Code>(&child.content);
    const bool narrows = child.relationship == relationship::has_concept_mod &&
                         !(child.name == concept_name::measurement_method) && code != nullptr;
    if (narrows) modifiers += (modifiers.empty() ? "" : ", ") + code->code.meaning;
  }
  return modifiers.empty() ? item.name.meaning : item.name.meaning + " (" + modifiers + ")";
}

std::string certainty_text(const ContentItem& item) {
  const auto* certainty = item.child(concept_name::certainty_of_feature);
  const auto* number = certainty == nullptr ? nullptr : std::get_if<Number>(&certainty->content);
  const auto value = number == nullptr ? std::nullopt : as_number(number->value);
  return value ? std::format("{:.0f} %", *value) : "";
}

/// The value as people read it; nothing for what is no value (containers, references).
std::optional<std::string> value_text(const ContentItem& item) {
  if (const auto* number = std::get_if<Number>(&item.content)) return number_text(*number);
  if (const auto* code = std::get_if<Code>(&item.content)) return code->code.meaning;
  if (const auto* text = std::get_if<Text>(&item.content)) return text->text;
  if (const auto* person = std::get_if<PersonName>(&item.content)) return person->name;
  if (const auto* uid = std::get_if<UidReference>(&item.content)) return uid->uid.str();
  return std::nullopt;
}

std::string text_of(const ContentItem& group, const CodedConcept& name) {
  const auto* item = group.child(name);
  return item == nullptr ? "" : value_text(*item).value_or("");
}

std::string title_of(const ContentItem& group) {
  const auto label = text_of(group, concept_name::tracking_identifier);
  const auto session = text_of(group, concept_name::activity_session);
  return (label.empty() ? group.name.meaning : label) + (session.empty() ? "" : ", round " + session);
}

/// What is said of the lesion itself, not of how one came to it.
bool is_finding(const ContentItem& item) {
  return item.relationship == relationship::contains && !std::holds_alternative<UidReference>(item.content);
}

/// Findings first, what they rest on below.
ReportTable table_of(const ContentItem& group) {
  ReportTable table{title_of(group), {}};
  const auto append_rows = [&](bool findings) {
    for (const auto& item : group.children) {
      const bool in_title =
          item.name == concept_name::tracking_identifier || item.name == concept_name::activity_session;
      if (is_finding(item) != findings || in_title) continue;
      const auto value = value_text(item);
      if (value) table.rows.push_back({name_text(item), *value, certainty_text(item)});
    }
  };
  append_rows(true);
  append_rows(false);
  return table;
}

/// Groups stand below Imaging Measurements; evaluations of the whole study stand beside them (TID 1500, row 12).
void collect_tables(const ContentItem& item, std::vector<ReportTable>& tables) {
  static const CodedConcept qualitative_evaluations{"C0034375", "UMLS", "Qualitative Evaluations"};
  if (item.name == concept_name::measurement_group || item.name == qualitative_evaluations) {
    auto table = table_of(item);
    if (!table.rows.empty()) tables.push_back(std::move(table));
    return;
  }
  for (const auto& child : item.children) collect_tables(child, tables);
}

}  // namespace

std::vector<ReportTable> read_report(ByteView part10) {
  const auto dataset = parse_part10(part10, Extent::whole);
  const auto sop_class = require_uid(*dataset, DCM_SOPClassUID).str();
  if (!sop_class.starts_with(sop_class::structured_reports)) {
    throw DicomError("cannot read a report: found SOP class " + sop_class + ", expected a structured report");
  }
  const auto root = read_content_tree(*dataset);
  if (!(root.name == concept_name::imaging_measurement_report)) {
    throw DicomError("cannot read a report: found document title (" + root.name.value + ", " + root.name.scheme +
                     "), expected (126000, DCM) Imaging Measurement Report");
  }
  std::vector<ReportTable> tables;
  collect_tables(root, tables);
  return tables;
}

}  // namespace punctum
