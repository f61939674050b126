#include "storage/index/narrowing.hpp"

#include <algorithm>
#include <array>

#include "storage/index/normal_form.hpp"

namespace punctum {

namespace {

// Keys that begin an index of storage/migrations and of which one value, or one beginning, belongs to few; a test
// compares them with the schema.
constexpr auto telling = std::to_array<std::string_view>(
    {"PatientName", "PatientID", "PatientBirthDate", "StudyDate", "AccessionNumber", "ReferringPhysicianName",
     "StudyDescription", "StudyInstanceUID", "StudyID", "SeriesDate", "SeriesDescription", "SeriesInstanceUID",
     "PerformedProcedureStepStartDate", "SOPInstanceUID", "ContentDate", "ContentLabel", "ContentCreatorName"});
// And of which one value may belong to a third of the archive.
constexpr auto common = std::to_array<std::string_view>(
    {"Modality", "ModalitiesInStudy", "SOPClassesInStudy", "SOPClassUID", "VerificationFlag"});

bool is_wildcard(char c) { return c == '*' || c == '?'; }

/// Has a beginning that an index can look for: no wildcard in front, no range without one of its ends.
bool has_beginning(KeyKind kind, std::string_view pattern) {
  const auto value = normal_form(kind, pattern);
  if (value.empty() || is_wildcard(value.front())) return false;
  const bool moment = kind == KeyKind::date || kind == KeyKind::time;
  return !moment || (value.front() != '-' && value.back() != '-');
}

bool each_has_beginning(KeyKind kind, std::string_view patterns) {
  bool any = false;
  while (true) {
    const auto end = patterns.find('\\');
    const auto part = patterns.substr(0, end);
    const bool asks = kind != KeyKind::uid || !part.empty();  // an empty UID in a list matches nothing
    if (asks && !has_beginning(kind, part)) return false;
    any = any || asks;
    if (end == std::string_view::npos) return any;
    patterns.remove_prefix(end + 1);
  }
}

/// The index of items holds values, so it finds none by the lack of one.
bool finds_items(const Match& match) {
  return std::ranges::any_of(match.item, [](const Match& inner) { return !inner.is_empty; });
}

}  // namespace

Reach reach_of(const Match& match) {
  const auto* key = query_key(match.keyword);
  if (key == nullptr || match.is_empty) return Reach::all_rows;
  if (key->kind == KeyKind::sequence) return finds_items(match) ? Reach::many_by_index : Reach::all_rows;
  const bool is_telling = std::ranges::find(telling, key->keyword) != telling.end();
  const bool is_common = std::ranges::find(common, key->keyword) != common.end();
  if (!is_telling && !is_common) return Reach::all_rows;
  if (!each_has_beginning(key->kind, match.pattern)) return Reach::all_rows;
  return is_telling ? Reach::few_by_index : Reach::many_by_index;
}

}  // namespace punctum
