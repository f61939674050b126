#pragma once

#include "dicom/geometry/points.hpp"
#include "dicom/types/uid.hpp"

class DcmItem;

namespace punctum {

/// Turns a point given as a fraction of the displayed area (Graphic Annotation Units DISPLAY) into pixels, where that
/// is certain: no rotation, no flip, and a displayed area stated for that image (PS3.3 C.10.4).
/// @param x, y from 0 to 1. @throws Refusal that names what makes it uncertain.
ImagePoint from_displayed_area(double x, double y, DcmItem& presentation_state, const Uid& image);

}  // namespace punctum
