#pragma once

#include <string>
#include <vector>

#include "dicom/geometry/points.hpp"
#include "dicom/types/uid.hpp"

class DcmItem;

namespace punctum {

/// "POINT", "POLYLINE", ...; empty if the graphic has no type.
std::string graphic_type(DcmItem& graphic);

/// The points of one Graphic Object of type POINT (PS3.3 C.10.5), in pixels of the image.
/// @throws Refusal that says which attribute keeps it from being a click: units, number of points, coordinates.
std::vector<ImagePoint> read_points(DcmItem& graphic, DcmItem& presentation_state, const Uid& image);

}  // namespace punctum
