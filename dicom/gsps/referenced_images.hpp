#pragma once

#include <optional>
#include <unordered_map>

#include "dicom/types/uid.hpp"

class DcmItem;

namespace punctum {

/// An image that a presentation state speaks of (PS3.3 C.11.11), as the presentation state describes it.
struct ReferencedImage {
  Uid sop_instance_uid;
  Uid series_instance_uid;
  std::optional<Uid> sop_class_uid;
  bool names_other_frames = false;  ///< Referenced Frame Number names a frame that a single-frame image has not
};

/// All images of the Presentation State Relationship Module, by SOP Instance UID.
using ReferencedImages = std::unordered_map<Uid, ReferencedImage>;
/// @throws Refusal if one image is listed under two series.
ReferencedImages read_referenced_images(DcmItem& presentation_state);

/// The one image that the graphics of an item of the Graphic Annotation Sequence are drawn on: the one that its own
/// Referenced Image Sequence names; without it the only one of the presentation state.
/// @throws Refusal if there is none, or more than one: a point on every slice is no click on a lesion.
const ReferencedImage& image_of_annotation(DcmItem& annotation, const ReferencedImages& images);

/// @throws Refusal if points on that image cannot be used: not CT, or a frame of a multi-frame image.
void require_ct_image(const ReferencedImage& image);

}  // namespace punctum
