#pragma once

#include <string_view>

#include "node/tools/canvas.hpp"

namespace punctum {

/// Letters drawn as lines, so that they stay crisp at any size and no font file is needed. ASCII and a few signs; other
/// characters become '?'.
/// @param left_baseline where the text begins. @param cap_height in pixels. @param halo a dark rim of that many pixels,
/// for text over an image.
void draw_text(Picture& picture, std::string_view utf8, const CanvasPoint& left_baseline, double cap_height,
               const Colour& colour, double halo = 0);

/// How wide draw_text would draw it, in pixels.
double text_width(std::string_view utf8, double cap_height);

}  // namespace punctum
