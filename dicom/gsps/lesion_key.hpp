#pragma once

#include <optional>
#include <string>

#include "dicom/findings/point_prompt.hpp"

class DcmItem;

namespace punctum {

class Utf8Reader;

/// What a graphic says about the lesion that it belongs to; two graphics with equal marks belong to one lesion.
/// First that applies: Tracking UID, Graphic Group ID, suffix of the layer's name.
struct LesionMark {
  enum class Kind { none, tracking, group, layer } kind = Kind::none;
  std::string text;   ///< the UID, the group's number or the layer's suffix
  std::string label;  ///< for people; empty if there is none
  bool operator==(const LesionMark& other) const { return kind == other.kind && text == other.text; }
};

/// @param layer upper case. @throws Refusal if the Tracking UID is no UID.
LesionMark lesion_mark_of(DcmItem& graphic, const std::string& layer, DcmItem& presentation_state,
                          const Utf8Reader& text);

/// The key of the lesion that a mark speaks of. Without a Tracking UID it is derived from presentation state and
/// series, so that the same object always gives the same key and no other object ever does. Groups and layers as keys
/// that reach over several presentation states find their place here.
LesionKey lesion_key_of(const LesionMark& mark, const Uid& presentation_state_uid, const Uid& series_instance_uid);

}  // namespace punctum
