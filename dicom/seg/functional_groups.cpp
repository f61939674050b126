#include "dicom/seg/functional_groups.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>

#include "dicom/modules/elements.hpp"
#include "dicom/modules/instance_reference.hpp"

namespace punctum {
namespace {

const CodedConcept segmentation_code{"113076", "DCM", "Segmentation"};
const CodedConcept source_purpose{"121322", "DCM", "Source image for image processing operation"};

void put_plane_orientation(DcmItem& group, const SliceStrings& slice) {
  put(append_item(group, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, slice.image_orientation);
}

void put_pixel_measures(DcmItem& group, const SliceStrings& slice, const SeriesGeometry& grid) {
  auto& measures = append_item(group, DCM_PixelMeasuresSequence);
  const auto spacing = decimal_string(grid.slice_spacing_mm());
  put(measures, DCM_SliceThickness, slice.slice_thickness.empty() ? spacing : slice.slice_thickness);
  if (grid.slice_count() > 1) put(measures, DCM_SpacingBetweenSlices, spacing);
  put(measures, DCM_PixelSpacing, slice.pixel_spacing);
}

void put_derivation(DcmItem& group, const SopInstance& source) {
  auto& derivation = append_item(group, DCM_DerivationImageSequence);
  put_code(derivation, DCM_DerivationCodeSequence, segmentation_code);
  auto& image = append_item(derivation, DCM_SourceImageSequence);
  put_sop_reference(image, source);
  put(image, DCM_SpatialLocationsPreserved, "YES");
  put_code(image, DCM_PurposeOfReferenceCodeSequence, source_purpose);
}

/// A macro is either shared by all frames or in every frame (PS3.3 C.7.6.16.1.1). Scanners write the same orientation
/// and spacing into every slice, so that these are shared but for the odd last digit.
template <typename Same>
bool all_alike(const std::vector<FrameToWrite>& frames, const std::vector<SliceStrings>& slices, Same same) {
  const auto& first = slices[static_cast<std::size_t>(frames.front().slice)];
  return std::all_of(frames.begin(), frames.end(),
                     [&](const auto& frame) { return same(first, slices[static_cast<std::size_t>(frame.slice)]); });
}

void put_dimension(DcmItem& segmentation, const Uid& organization, const DcmTagKey& index, const DcmTagKey& group,
                   std::string_view label) {
  auto& dimension = append_item(segmentation, DCM_DimensionIndexSequence);
  put(dimension, DCM_DimensionOrganizationUID, organization);
  put_at(dimension, DCM_DimensionIndexPointer, index);
  put_at(dimension, DCM_FunctionalGroupPointer, group);
  put(dimension, DCM_DimensionDescriptionLabel, label);
}

}  // namespace

void put_functional_groups(DcmItem& segmentation, const std::vector<FrameToWrite>& frames,
                           const SourceSeries::Headers& source) {
  const bool one_orientation = all_alike(
      frames, source.slices, [](const auto& a, const auto& b) { return a.image_orientation == b.image_orientation; });
  const bool one_spacing = all_alike(frames, source.slices, [](const auto& a, const auto& b) {
    return a.pixel_spacing == b.pixel_spacing && a.slice_thickness == b.slice_thickness;
  });

  auto& shared = append_item(segmentation, DCM_SharedFunctionalGroupsSequence);
  const auto& first = source.slices[static_cast<std::size_t>(frames.front().slice)];
  if (one_orientation) put_plane_orientation(shared, first);
  if (one_spacing) put_pixel_measures(shared, first, source.geometry);

  for (const auto& frame : frames) {
    const auto z = static_cast<std::size_t>(frame.slice);
    const auto number = static_cast<std::uint32_t>(frame.segment + 1);
    auto& group = append_item(segmentation, DCM_PerFrameFunctionalGroupsSequence);
    put_ul(append_item(group, DCM_FrameContentSequence), DCM_DimensionIndexValues, {number, frame.position_rank});
    put(append_item(group, DCM_PlanePositionSequence), DCM_ImagePositionPatient, source.slices[z].image_position);
    if (!one_orientation) put_plane_orientation(group, source.slices[z]);
    if (!one_spacing) put_pixel_measures(group, source.slices[z], source.geometry);
    put_us(append_item(group, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
           {static_cast<Uint16>(number)});
    put_derivation(group, source.geometry.slices()[z].instance);
  }
}

void put_dimensions(DcmItem& segmentation, const Uid& organization) {
  put(append_item(segmentation, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, organization);
  put_dimension(segmentation, organization, DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment");
  put_dimension(segmentation, organization, DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position");
}

}  // namespace punctum
