#include "sr/measurement_report.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <vector>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/findings/attribute_codes.hpp"
#include "dicom/modules/elements.hpp"
#include "dicom/modules/instance_reference.hpp"
#include "dicom/modules/patient_study.hpp"
#include "dicom/modules/series_equipment.hpp"
#include "dicom/types/sop_classes.hpp"
#include "sr/coded_concepts.hpp"
#include "sr/report_tree.hpp"

namespace punctum {
namespace {

/// SR Document General (PS3.3 C.17.2). Unverified: an algorithm must not verify what it says.
void put_document(DcmItem& document) {
  put(document, DCM_CompletionFlag, "COMPLETE");
  put(document, DCM_VerificationFlag, "UNVERIFIED");
  put_empty(document, DCM_PerformedProcedureCodeSequence);
  put_empty(document, DCM_ReferencedPerformedProcedureStepSequence);
}

/// Coding Scheme Identification (PS3.3 C.12.1): who answers for the private codes.
void put_private_scheme(DcmItem& document) {
  auto& scheme = append_item(document, DCM_CodingSchemeIdentificationSequence);
  put(scheme, DCM_CodingSchemeDesignator, private_scheme);
  put(scheme, DCM_CodingSchemeName, "Punctum lesion report template");
  put(scheme, DCM_CodingSchemeVersion, "1");
  put(scheme, DCM_CodingSchemeResponsibleOrganization, "Punctum");
}

/// Everything that the report speaks of: the slices, the segmentation, the presentation state that asked.
std::vector<SopInstance> evidence(const SourceSeries& source, const std::optional<SopInstance>& segmentation,
                                  const SopInstance& presentation_state) {
  std::vector<SopInstance> all;
  for (const auto& slice : source.geometry().slices()) all.push_back(slice.instance);
  if (segmentation) all.push_back(*segmentation);
  all.push_back(presentation_state);
  return all;
}

}  // namespace

Part10File write_measurement_report(const LesionReport& report, const Part10File* segmentation,
                                    const SourceSeries& source, const ResultIdentity& identity,
                                    const std::optional<SopInstance>& predecessor) {
  const auto& headers = source.headers();
  const auto uids = result_uids(identity);
  const auto segmentation_name = segmentation ? std::optional(segmentation->name) : std::nullopt;

  DcmDataset document;
  const auto text = put_patient_and_study(
      document, headers,
      {identity.lesion.tracking_id, identity.reader.reveal(), identity.model_name, identity.algorithm_parameters});
  put_sop_common(document, sop_class::enhanced_sr_storage, uids.sr_instance, identity.content_date,
                 identity.content_time);
  put_private_scheme(document);
  put_series(document, {.modality = "SR",
                        .series_instance_uid = uids.sr_series,
                        .series_number = series_number_beside(headers, 2000),
                        .description = text.line(result_description(identity)),
                        .date = identity.content_date,
                        .time = identity.content_time});
  put_equipment(document, identity.device_serial_number, identity.software_version);
  put_document(document);
  put_evidence(document, DCM_CurrentRequestedProcedureEvidenceSequence,
               evidence(source, segmentation_name, identity.presentation_state));
  if (predecessor) put_evidence(document, DCM_PredecessorDocumentsSequence, {*predecessor});
  put_content_tree(document, report_tree({report, segmentation_name, source, identity, text}));
  return to_part10(document);
}

}  // namespace punctum
