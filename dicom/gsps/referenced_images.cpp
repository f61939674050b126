#include "dicom/gsps/referenced_images.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <algorithm>
#include <string>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

bool names_other_frames(DcmItem& reference) {
  const auto frames = read_numbers(reference, DCM_ReferencedFrameNumber);
  return std::any_of(frames.begin(), frames.end(), [](double frame) { return frame != 1; });
}

}  // namespace

ReferencedImages read_referenced_images(DcmItem& presentation_state) {
  ReferencedImages images;
  for (auto* series : read_items(presentation_state, DCM_ReferencedSeriesSequence)) {
    const auto series_uid = read_uid(*series, DCM_SeriesInstanceUID);
    if (!series_uid) continue;
    for (auto* reference : read_items(*series, DCM_ReferencedImageSequence)) {
      const auto uid = read_uid(*reference, DCM_ReferencedSOPInstanceUID);
      if (!uid) continue;
      const auto [known, is_new] =
          images.try_emplace(*uid, ReferencedImage{*uid, *series_uid, read_uid(*reference, DCM_ReferencedSOPClassUID),
                                                   names_other_frames(*reference)});
      if (!is_new && known->second.series_instance_uid != *series_uid) {
        throw Refusal("The presentation state lists one image (" + uid->str() + ") under two different series.");
      }
    }
  }
  return images;
}

const ReferencedImage& image_of_annotation(DcmItem& annotation, const ReferencedImages& images) {
  const auto own = read_items(annotation, DCM_ReferencedImageSequence);
  if (own.empty()) {
    if (images.size() == 1) return images.begin()->second;
    if (images.empty()) throw Refusal("The presentation state does not refer to any image.");
    throw Refusal("A click does not say on which image it was drawn: it applies to all " +
                  std::to_string(images.size()) +
                  " images of the presentation state. Please save one presentation "
                  "state for one image, or with a viewer that notes the image of each annotation.");
  }
  if (own.size() > 1) {
    throw Refusal("A click is drawn on " + std::to_string(own.size()) +
                  " images at once, so it does not say on which slice the lesion is.");
  }
  const auto uid = read_uid(*own.front(), DCM_ReferencedSOPInstanceUID);
  const auto image = uid ? images.find(*uid) : images.end();
  if (image == images.end()) {
    throw Refusal("A click is drawn on an image that the presentation state does not list among its images" +
                  (uid ? " (" + uid->str() + ")." : "."));
  }
  if (names_other_frames(*own.front())) {
    throw Refusal("A click is drawn on a frame of a multi-frame image; only single-frame CT images can be used.");
  }
  return image->second;
}

void require_ct_image(const ReferencedImage& image) {
  const auto& sop_class_uid = image.sop_class_uid;
  if (sop_class_uid && sop_class_uid->str() == sop_class::enhanced_ct_image_storage) {
    throw Refusal("A click is drawn on an Enhanced (multi-frame) CT image; only single-frame CT images can be used.");
  }
  if (sop_class_uid && sop_class_uid->str() != sop_class::ct_image_storage) {
    throw Refusal("A click is drawn on an image that is not CT (SOP class " + sop_class_uid->str() +
                  "); only clicks on CT images can be used.");
  }
  if (image.names_other_frames) {
    throw Refusal("A click is drawn on a frame of a multi-frame image; only single-frame CT images can be used.");
  }
}

}  // namespace punctum
