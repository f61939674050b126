#include "dicom/modules/patient_study.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>

#include "dicom/modules/elements.hpp"

namespace punctum {
namespace {

const std::vector<DcmTagKey> patient_attributes{DCM_PatientName,
                                                DCM_PatientID,
                                                DCM_IssuerOfPatientID,
                                                DCM_IssuerOfPatientIDQualifiersSequence,
                                                DCM_TypeOfPatientID,
                                                DCM_PatientBirthDate,
                                                DCM_PatientBirthTime,
                                                DCM_PatientSex,
                                                DCM_QualityControlSubject,
                                                DCM_OtherPatientIDsSequence,
                                                DCM_OtherPatientNames,
                                                DCM_EthnicGroup,
                                                DCM_PatientComments,
                                                DCM_PatientSpeciesDescription,
                                                DCM_PatientSpeciesCodeSequence,
                                                DCM_PatientBreedDescription,
                                                DCM_PatientBreedCodeSequence,
                                                DCM_BreedRegistrationSequence,
                                                DCM_ResponsiblePerson,
                                                DCM_ResponsiblePersonRole,
                                                DCM_ResponsibleOrganization,
                                                DCM_PatientIdentityRemoved,
                                                DCM_DeidentificationMethod,
                                                DCM_DeidentificationMethodCodeSequence};

const std::vector<DcmTagKey> clinical_trial_attributes{DCM_ClinicalTrialSponsorName,
                                                       DCM_ClinicalTrialProtocolID,
                                                       DCM_ClinicalTrialProtocolName,
                                                       DCM_ClinicalTrialSiteID,
                                                       DCM_ClinicalTrialSiteName,
                                                       DCM_ClinicalTrialSubjectID,
                                                       DCM_ClinicalTrialSubjectReadingID,
                                                       DCM_ClinicalTrialTimePointID,
                                                       DCM_ClinicalTrialTimePointDescription,
                                                       DCM_LongitudinalTemporalOffsetFromEvent,
                                                       DCM_LongitudinalTemporalEventType,
                                                       DCM_ClinicalTrialProtocolEthicsCommitteeName,
                                                       DCM_ClinicalTrialProtocolEthicsCommitteeApprovalNumber,
                                                       DCM_ConsentForClinicalTrialUseSequence};

const std::vector<DcmTagKey> study_attributes{DCM_StudyInstanceUID,
                                              DCM_StudyDate,
                                              DCM_StudyTime,
                                              DCM_ReferringPhysicianName,
                                              DCM_ReferringPhysicianIdentificationSequence,
                                              DCM_StudyID,
                                              DCM_AccessionNumber,
                                              DCM_IssuerOfAccessionNumberSequence,
                                              DCM_StudyDescription,
                                              DCM_PhysiciansOfRecord,
                                              DCM_NameOfPhysiciansReadingStudy,
                                              DCM_ReferencedStudySequence,
                                              DCM_ProcedureCodeSequence,
                                              DCM_ReasonForPerformedProcedureCodeSequence};

const std::vector<DcmTagKey> patient_study_attributes{DCM_AdmittingDiagnosesDescription,
                                                      DCM_AdmittingDiagnosesCodeSequence,
                                                      DCM_PatientAge,
                                                      DCM_PatientSize,
                                                      DCM_PatientWeight,
                                                      DCM_MedicalAlerts,
                                                      DCM_Allergies,
                                                      DCM_SmokingStatus,
                                                      DCM_PregnancyStatus,
                                                      DCM_LastMenstrualDate,
                                                      DCM_PatientState,
                                                      DCM_Occupation,
                                                      DCM_AdditionalPatientHistory,
                                                      DCM_AdmissionID,
                                                      DCM_IssuerOfAdmissionIDSequence,
                                                      DCM_PatientSexNeutered};

const std::vector<DcmTagKey> type_2_attributes{
    DCM_PatientName,    DCM_PatientID, DCM_PatientBirthDate,       DCM_PatientSex,
    DCM_StudyDate,      DCM_StudyTime, DCM_ReferringPhysicianName, DCM_StudyID,
    DCM_AccessionNumber};

bool is_utf8(const std::string& specific_character_set) { return specific_character_set == "ISO_IR 192"; }

/// Brings what was copied to UTF-8. Text that does not fit its own declared character set cannot be brought anywhere;
/// then it stays as it was.
bool convert_to_utf8(DcmDataset& derived) {
  DcmDataset converted(derived);
  if (converted.convertToUTF8().bad()) return false;
  derived = converted;
  put(derived, DCM_SpecificCharacterSet, "ISO_IR 192");
  return true;
}

}  // namespace

OwnText put_patient_and_study(DcmDataset& derived, const SourceSeries::Headers& source,
                              const std::vector<std::string_view>& own_texts) {
  source.copy_to(derived, {DCM_SpecificCharacterSet});
  for (const auto* module :
       {&patient_attributes, &clinical_trial_attributes, &study_attributes, &patient_study_attributes}) {
    source.copy_to(derived, *module);
  }
  for (const auto& tag : type_2_attributes) {
    if (!derived.tagExists(tag)) put_empty(derived, tag);
  }
  if (is_utf8(source.text(DCM_SpecificCharacterSet))) return OwnText(true);
  if (std::all_of(own_texts.begin(), own_texts.end(), is_ascii)) return OwnText(false);
  return OwnText(convert_to_utf8(derived));
}

}  // namespace punctum
