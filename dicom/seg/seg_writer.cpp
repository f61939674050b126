#include "dicom/seg/seg_writer.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/findings/attribute_codes.hpp"
#include "dicom/modules/elements.hpp"
#include "dicom/modules/instance_reference.hpp"
#include "dicom/modules/patient_study.hpp"
#include "dicom/modules/series_equipment.hpp"
#include "dicom/seg/bit_packing.hpp"
#include "dicom/seg/frame_plan.hpp"
#include "dicom/seg/functional_groups.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

const CodedConcept artificial_intelligence{"123110", "DCM", "Artificial Intelligence"};

/// A warm red that stays apart from grey tissue and from viewers' own marks: CIELab, scaled to 16 bits (PS3.3
/// C.10.7.1.1).
const std::vector<Uint16> recommended_colour{36000, 49500, 44500};

std::string_view term(SegmentAlgorithmType type) {
  switch (type) {
    case SegmentAlgorithmType::manual:
      return "MANUAL";
    case SegmentAlgorithmType::semiautomatic:
      return "SEMIAUTOMATIC";
    case SegmentAlgorithmType::automatic:
      return "AUTOMATIC";
  }
  return "AUTOMATIC";
}

std::vector<std::string_view> own_texts(const std::vector<SegmentToWrite>& segments, const SegmentationSheet& sheet) {
  std::vector<std::string_view> texts{sheet.series_description, sheet.content_description,
                                      sheet.content_creator.reveal(), sheet.algorithm_name, sheet.algorithm_parameters};
  for (const auto& segment : segments) {
    texts.push_back(segment.label);
    texts.push_back(segment.tracking.tracking_id);
  }
  return texts;
}

void put_algorithm_identification(DcmItem& segment, const SegmentationSheet& sheet, const OwnText& text) {
  auto& algorithm = append_item(segment, DCM_SegmentationAlgorithmIdentificationSequence);
  put_code(algorithm, DCM_AlgorithmFamilyCodeSequence, artificial_intelligence);
  put(algorithm, DCM_AlgorithmName, text.line(sheet.algorithm_name));
  put(algorithm, DCM_AlgorithmVersion, sheet.algorithm_version.empty() ? "0" : text.line(sheet.algorithm_version));
  put(algorithm, DCM_AlgorithmSource, manufacturer);
  if (!sheet.algorithm_parameters.empty()) {
    put(algorithm, DCM_AlgorithmParameters, text.line(sheet.algorithm_parameters, 1024));
  }
}

/// Segment Sequence (PS3.3 C.8.20.4).
void put_segment(DcmItem& segmentation, std::size_t number, const SegmentToWrite& source,
                 const SegmentationSheet& sheet, const OwnText& text) {
  auto& segment = append_item(segmentation, DCM_SegmentSequence);
  put_us(segment, DCM_SegmentNumber, {static_cast<Uint16>(number)});
  put(segment, DCM_SegmentLabel, source.label.empty() ? "Lesion" : text.line(source.label));
  put_code(segment, DCM_SegmentedPropertyCategoryCodeSequence, finding_category_code);
  put_code(segment, DCM_SegmentedPropertyTypeCodeSequence, finding_code);
  put(segment, DCM_SegmentAlgorithmType, term(sheet.algorithm_type));
  if (sheet.algorithm_type != SegmentAlgorithmType::manual) {
    put(segment, DCM_SegmentAlgorithmName, text.line(sheet.algorithm_name));
    put_algorithm_identification(segment, sheet, text);
  }
  put_us(segment, DCM_RecommendedDisplayCIELabValue, recommended_colour);
  const auto tracking_id = text.line(source.tracking.tracking_id);
  put(segment, DCM_TrackingID, tracking_id.empty() ? "Lesion" : tracking_id);
  put(segment, DCM_TrackingUID, source.tracking.tracking_uid);
}

/// Lossy compression of the source cannot be undone by deriving from it, so its history is repeated (PS3.3
/// C.7.6.1.1.5).
void put_lossy_history(DcmItem& segmentation, const SourceSeries::Headers& source) {
  const auto lossy = std::find_if(source.slices.begin(), source.slices.end(),
                                  [](const auto& slice) { return slice.lossy_compression == "01"; });
  put(segmentation, DCM_LossyImageCompression, lossy == source.slices.end() ? "00" : "01");
  if (lossy == source.slices.end()) return;
  if (!lossy->lossy_ratio.empty()) put(segmentation, DCM_LossyImageCompressionRatio, lossy->lossy_ratio);
  if (!lossy->lossy_method.empty()) put(segmentation, DCM_LossyImageCompressionMethod, lossy->lossy_method);
}

/// Segmentation Image (PS3.3 C.8.20.2) and the parts of Image Pixel that it fixes.
void put_image(DcmItem& segmentation, const SourceSeries::Headers& source, const SegmentationSheet& sheet,
               const OwnText& text) {
  put(segmentation, DCM_ImageType, "DERIVED\\PRIMARY");
  put(segmentation, DCM_ContentLabel, sheet.content_label);
  put(segmentation, DCM_ContentDescription, text.line(sheet.content_description));
  put(segmentation, DCM_ContentCreatorName, text.person_name(sheet.content_creator.reveal()));
  put_us(segmentation, DCM_SamplesPerPixel, {1});
  put(segmentation, DCM_PhotometricInterpretation, "MONOCHROME2");
  put_us(segmentation, DCM_Rows, {static_cast<Uint16>(source.geometry.rows())});
  put_us(segmentation, DCM_Columns, {static_cast<Uint16>(source.geometry.columns())});
  put_us(segmentation, DCM_BitsAllocated, {1});
  put_us(segmentation, DCM_BitsStored, {1});
  put_us(segmentation, DCM_HighBit, {0});
  put_us(segmentation, DCM_PixelRepresentation, {0});
  put(segmentation, DCM_SegmentationType, "BINARY");
  put_lossy_history(segmentation, source);
}

void put_pixel_data(DcmItem& segmentation, const std::vector<SegmentToWrite>& segments,
                    const std::vector<FrameToWrite>& frames, const SeriesGeometry& grid) {
  const auto pixels = static_cast<std::size_t>(grid.rows()) * static_cast<std::size_t>(grid.columns());
  const auto bytes = (frames.size() * pixels + 7) / 8;
  std::vector<std::uint8_t> packed(bytes + bytes % 2);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    pack_bits(slice_of(segments[frames[i].segment].mask, frames[i].slice), packed, i * pixels);
  }
  check(segmentation.putAndInsertUint8Array(DCM_PixelData, packed.data(), packed.size()),
        "write the pixel data of a segmentation");
}

SegmentationSheet sheet_of(const ResultIdentity& identity, const SourceSeries::Headers& source) {
  const auto uids = result_uids(identity);
  SegmentationSheet sheet{.sop_instance_uid = uids.seg_instance, .series_instance_uid = uids.seg_series};
  sheet.series_number = series_number_beside(source, 1000);
  sheet.series_description = result_description(identity);
  sheet.content_description = "Lesion at a reader's click";
  sheet.content_date = identity.content_date;
  sheet.content_time = identity.content_time;
  sheet.algorithm_type = SegmentAlgorithmType::semiautomatic;
  sheet.algorithm_name = "Punctum " + identity.model_name;
  sheet.algorithm_version = identity.model_version;
  sheet.algorithm_parameters = algorithm_parameters(identity);
  sheet.device_serial_number = identity.device_serial_number;
  sheet.software_version = identity.software_version;
  return sheet;
}

}  // namespace

Part10File write_segmentation(const std::vector<SegmentToWrite>& segments, const SourceSeries& source_series,
                              const SegmentationSheet& sheet) {
  const auto& source = source_series.headers();
  const auto frames = plan_frames(segments, source.geometry);

  DcmDataset segmentation;
  const auto text = put_patient_and_study(segmentation, source, own_texts(segments, sheet));
  put_sop_common(segmentation, sop_class::segmentation_storage, sheet.sop_instance_uid, sheet.content_date,
                 sheet.content_time);
  put_series(segmentation, {.modality = "SEG",
                            .series_instance_uid = sheet.series_instance_uid,
                            .series_number = sheet.series_number,
                            .description = text.line(sheet.series_description),
                            .date = sheet.content_date,
                            .time = sheet.content_time});
  put_body_part(segmentation, source);
  put_equipment(segmentation, sheet.device_serial_number, sheet.software_version);
  put_frame_of_reference(segmentation, source);
  put_image(segmentation, source, sheet, text);
  put(segmentation, DCM_SegmentsOverlap, segments_overlap(segments) ? "YES" : "NO");
  put(segmentation, DCM_NumberOfFrames, std::to_string(frames.size()));
  for (std::size_t i = 0; i < segments.size(); ++i) put_segment(segmentation, i + 1, segments[i], sheet, text);
  put_dimensions(segmentation, Uid::derived_from("punctum|dimensions|" + sheet.sop_instance_uid.str()));
  put_functional_groups(segmentation, frames, source);
  put_referenced_series(segmentation, source.geometry);
  put_pixel_data(segmentation, segments, frames, source.geometry);
  return to_part10(segmentation);
}

Part10File write_segmentation(const LesionMask& mask, const SourceSeries& source, const ResultIdentity& identity) {
  return write_segmentation({{mask, identity.lesion.tracking_id, identity.lesion}}, source,
                            sheet_of(identity, source.headers()));
}

}  // namespace punctum
