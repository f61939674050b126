#include "storage/query_keys.hpp"

#include <algorithm>
#include <array>

namespace punctum {

namespace {

using L = QueryLevel;
using K = KeyKind;

// One row, one key. A new row needs a column of the same name (snake case) in storage/migrations; a test compares them.
constexpr auto keys = std::to_array<QueryKeyDefinition>({
    {0x0010, 0x0010, "PatientName", "PN", L::patient, K::person_name},
    {0x0010, 0x0020, "PatientID", "LO", L::patient, K::text},
    {0x0010, 0x0021, "IssuerOfPatientID", "LO", L::patient, K::text},
    {0x0010, 0x0030, "PatientBirthDate", "DA", L::patient, K::date},
    {0x0010, 0x0032, "PatientBirthTime", "TM", L::patient, K::time},
    {0x0010, 0x0040, "PatientSex", "CS", L::patient, K::code_string},
    {0x0020, 0x1200, "NumberOfPatientRelatedStudies", "IS", L::patient, K::integer, true},
    {0x0020, 0x1202, "NumberOfPatientRelatedSeries", "IS", L::patient, K::integer, true},
    {0x0020, 0x1204, "NumberOfPatientRelatedInstances", "IS", L::patient, K::integer, true},
    {0x0008, 0x0020, "StudyDate", "DA", L::study, K::date},
    {0x0008, 0x0030, "StudyTime", "TM", L::study, K::time},
    {0x0008, 0x0050, "AccessionNumber", "SH", L::study, K::text},
    {0x0008, 0x0061, "ModalitiesInStudy", "CS", L::study, K::code_string, true},
    {0x0008, 0x0062, "SOPClassesInStudy", "UI", L::study, K::uid, true},
    {0x0008, 0x0090, "ReferringPhysicianName", "PN", L::study, K::person_name},
    {0x0008, 0x1030, "StudyDescription", "LO", L::study, K::text},
    {0x0008, 0x1032, "ProcedureCodeSequence", "SQ", L::study, K::sequence},
    {0x0010, 0x1010, "PatientAge", "AS", L::study, K::code_string},
    {0x0010, 0x1020, "PatientSize", "DS", L::study, K::text},
    {0x0010, 0x1030, "PatientWeight", "DS", L::study, K::text},
    {0x0020, 0x000d, "StudyInstanceUID", "UI", L::study, K::uid},
    {0x0020, 0x0010, "StudyID", "SH", L::study, K::text},
    {0x0020, 0x1206, "NumberOfStudyRelatedSeries", "IS", L::study, K::integer, true},
    {0x0020, 0x1208, "NumberOfStudyRelatedInstances", "IS", L::study, K::integer, true},
    {0x0008, 0x0021, "SeriesDate", "DA", L::series, K::date},
    {0x0008, 0x0031, "SeriesTime", "TM", L::series, K::time},
    {0x0008, 0x0060, "Modality", "CS", L::series, K::code_string},
    {0x0008, 0x0070, "Manufacturer", "LO", L::series, K::text},
    {0x0008, 0x0080, "InstitutionName", "LO", L::series, K::text},
    {0x0008, 0x1010, "StationName", "SH", L::series, K::text},
    {0x0008, 0x103e, "SeriesDescription", "LO", L::series, K::text},
    {0x0008, 0x1090, "ManufacturerModelName", "LO", L::series, K::text},
    {0x0018, 0x0015, "BodyPartExamined", "CS", L::series, K::code_string},
    {0x0018, 0x1030, "ProtocolName", "LO", L::series, K::text},
    {0x0020, 0x000e, "SeriesInstanceUID", "UI", L::series, K::uid},
    {0x0020, 0x0011, "SeriesNumber", "IS", L::series, K::integer},
    {0x0020, 0x0052, "FrameOfReferenceUID", "UI", L::series, K::uid},
    {0x0020, 0x0060, "Laterality", "CS", L::series, K::code_string},
    {0x0020, 0x1209, "NumberOfSeriesRelatedInstances", "IS", L::series, K::integer, true},
    {0x0040, 0x0244, "PerformedProcedureStepStartDate", "DA", L::series, K::date},
    {0x0040, 0x0245, "PerformedProcedureStepStartTime", "TM", L::series, K::time},
    {0x0040, 0x0275, "RequestAttributesSequence", "SQ", L::series, K::sequence},
    {0x0008, 0x0012, "InstanceCreationDate", "DA", L::instance, K::date},
    {0x0008, 0x0013, "InstanceCreationTime", "TM", L::instance, K::time},
    {0x0008, 0x0016, "SOPClassUID", "UI", L::instance, K::uid},
    {0x0008, 0x0018, "SOPInstanceUID", "UI", L::instance, K::uid},
    {0x0008, 0x0022, "AcquisitionDate", "DA", L::instance, K::date},
    {0x0008, 0x0023, "ContentDate", "DA", L::instance, K::date},
    {0x0008, 0x0032, "AcquisitionTime", "TM", L::instance, K::time},
    {0x0008, 0x0033, "ContentTime", "TM", L::instance, K::time},
    {0x0008, 0x3002, "AvailableTransferSyntaxUID", "UI", L::instance, K::uid, true},
    {0x0020, 0x0012, "AcquisitionNumber", "IS", L::instance, K::integer},
    {0x0020, 0x0013, "InstanceNumber", "IS", L::instance, K::integer},
    {0x0028, 0x0008, "NumberOfFrames", "IS", L::instance, K::integer},
    {0x0028, 0x0010, "Rows", "US", L::instance, K::integer},
    {0x0028, 0x0011, "Columns", "US", L::instance, K::integer},
    {0x0028, 0x0100, "BitsAllocated", "US", L::instance, K::integer},
    {0x0040, 0xa043, "ConceptNameCodeSequence", "SQ", L::instance, K::sequence},
    {0x0040, 0xa491, "CompletionFlag", "CS", L::instance, K::code_string},
    {0x0040, 0xa493, "VerificationFlag", "CS", L::instance, K::code_string},
    {0x0070, 0x0080, "ContentLabel", "CS", L::instance, K::code_string},
    {0x0070, 0x0081, "ContentDescription", "LO", L::instance, K::text},
    {0x0070, 0x0082, "PresentationCreationDate", "DA", L::instance, K::date},
    {0x0070, 0x0083, "PresentationCreationTime", "TM", L::instance, K::time},
    {0x0070, 0x0084, "ContentCreatorName", "PN", L::instance, K::person_name},
});

}  // namespace

std::span<const QueryKeyDefinition> query_keys() { return keys; }

const QueryKeyDefinition* query_key(std::uint16_t group, std::uint16_t element) {
  const auto found = std::ranges::find_if(
      keys, [&](const QueryKeyDefinition& key) { return key.group == group && key.element == element; });
  return found == keys.end() ? nullptr : &*found;
}

const QueryKeyDefinition* query_key(std::string_view keyword) {
  const auto found = std::ranges::find(keys, keyword, &QueryKeyDefinition::keyword);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace punctum
