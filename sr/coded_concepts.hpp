#pragma once

#include <string>

#include "dicom/types/coded_concept.hpp"

/// Every code that a report speaks but for those of the attributes (dicom/findings/attribute_codes). Why: README.md.
namespace punctum {

/// Concept names (PS3.16).
namespace concept_name {
inline const CodedConcept imaging_measurement_report{"126000", "DCM", "Imaging Measurement Report"};
inline const CodedConcept language{"121049", "DCM", "Language of Content Item and Descendants"};
inline const CodedConcept observer_type{"121005", "DCM", "Observer Type"};
inline const CodedConcept person_observer_name{"121008", "DCM", "Person Observer Name"};
inline const CodedConcept device_observer_uid{"121012", "DCM", "Device Observer UID"};
inline const CodedConcept device_observer_name{"121013", "DCM", "Device Observer Name"};
inline const CodedConcept device_observer_manufacturer{"121014", "DCM", "Device Observer Manufacturer"};
inline const CodedConcept device_observer_model{"121015", "DCM", "Device Observer Model Name"};
inline const CodedConcept device_observer_serial{"121016", "DCM", "Device Observer Serial Number"};
inline const CodedConcept procedure_reported{"121058", "DCM", "Procedure reported"};
inline const CodedConcept image_library{"111028", "DCM", "Image Library"};
inline const CodedConcept image_library_group{"126200", "DCM", "Image Library Group"};
inline const CodedConcept modality{"121139", "DCM", "Modality"};
inline const CodedConcept frame_of_reference{"112227", "DCM", "Frame of Reference UID"};
inline const CodedConcept pixel_data_rows{"110910", "DCM", "Pixel Data Rows"};
inline const CodedConcept pixel_data_columns{"110911", "DCM", "Pixel Data Columns"};
inline const CodedConcept horizontal_pixel_spacing{"111026", "DCM", "Horizontal Pixel Spacing"};
inline const CodedConcept vertical_pixel_spacing{"111066", "DCM", "Vertical Pixel Spacing"};
inline const CodedConcept spacing_between_slices{"112226", "DCM", "Spacing between slices"};
inline const CodedConcept slice_thickness{"112225", "DCM", "Slice Thickness"};
inline const CodedConcept imaging_measurements{"126010", "DCM", "Imaging Measurements"};
inline const CodedConcept measurement_group{"125007", "DCM", "Measurement Group"};
inline const CodedConcept activity_session{"C67447", "NCIt", "Activity Session"};
inline const CodedConcept tracking_identifier{"112039", "DCM", "Tracking Identifier"};
inline const CodedConcept tracking_uid{"112040", "DCM", "Tracking Unique Identifier"};
inline const CodedConcept algorithm_name{"111001", "DCM", "Algorithm Name"};
inline const CodedConcept algorithm_version{"111003", "DCM", "Algorithm Version"};
inline const CodedConcept algorithm_parameters{"111002", "DCM", "Algorithm Parameters"};
inline const CodedConcept finding_category{"276214006", "SCT", "Finding category"};
inline const CodedConcept finding{"121071", "DCM", "Finding"};
inline const CodedConcept referenced_segment{"121191", "DCM", "Referenced Segment"};
inline const CodedConcept source_series{"121232", "DCM", "Source series for segmentation"};
inline const CodedConcept measurement_method{"370129005", "SCT", "Measurement Method"};
inline const CodedConcept derivation{"121401", "DCM", "Derivation"};
inline const CodedConcept source_of_measurement{"121112", "DCM", "Source of Measurement"};
inline const CodedConcept certainty_of_feature{"111011", "DCM", "Certainty of Feature"};
inline const CodedConcept comment{"121106", "DCM", "Comment"};
inline const CodedConcept volume{"118565006", "SCT", "Volume"};
inline const CodedConcept long_axis{"103339001", "SCT", "Long Axis"};
inline const CodedConcept short_axis{"103340004", "SCT", "Short Axis"};
inline const CodedConcept attenuation{"112031", "DCM", "Attenuation Coefficient"};
inline const CodedConcept number_of_voxels{"130923", "DCM", "Number of voxels"};
}  // namespace concept_name

/// Coded values.
namespace concept_value {
inline const CodedConcept english{"en-US", "RFC5646", "English (United States)"};
inline const CodedConcept person{"121006", "DCM", "Person"};
inline const CodedConcept device{"121007", "DCM", "Device"};
inline const CodedConcept ct_unspecified_region{"25045-6", "LN", "CT unspecified body region"};
inline const CodedConcept computed_tomography{"CT", "DCM", "Computed Tomography"};
inline const CodedConcept sum_of_voxel_volumes{"126030", "DCM", "Sum of segmented voxel volumes"};
inline const CodedConcept mean{"373098007", "SCT", "Mean"};
inline const CodedConcept standard_deviation{"386136009", "SCT", "Standard Deviation"};
inline const CodedConcept minimum{"255605001", "SCT", "Minimum"};
inline const CodedConcept maximum{"56851009", "SCT", "Maximum"};
}  // namespace concept_value

/// Units of measurement.
namespace ucum {
inline const CodedConcept cubic_millimeter{"mm3", "UCUM", "cubic millimeter"};
inline const CodedConcept millimeter{"mm", "UCUM", "millimeter"};
inline const CodedConcept hounsfield{"[hnsf'U]", "UCUM", "Hounsfield unit"};
inline const CodedConcept percent{"%", "UCUM", "Percent"};
inline const CodedConcept no_units{"1", "UCUM", "no units"};
inline const CodedConcept pixels{"{pixels}", "UCUM", "Pixels"};
}  // namespace ucum

}  // namespace punctum
