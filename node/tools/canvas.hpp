#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "node/tools/overlay_picture.hpp"

/// Drawing with soft edges on a Picture. Coordinates in pixels; (0, 0) is the outer corner of the first pixel.
namespace punctum {

struct Colour {
  double r = 0, g = 0, b = 0;  ///< 0 to 255
};

struct CanvasPoint {
  double x = 0, y = 0;
};

struct Segment {
  CanvasPoint from, to;
};

Picture blank_picture(int width, int height, const Colour& background);

/// Mixes a colour into one pixel; outside the picture nothing happens. @param alpha 0 to 1
void blend(Picture& picture, int x, int y, const Colour& colour, double alpha);

/// Lines of one width with round ends; where they cross, nothing is painted twice.
void stroke(Picture& picture, std::span<const Segment> segments, double width, const Colour& colour, double alpha = 1);

void fill_disc(Picture& picture, const CanvasPoint& centre, double radius, const Colour& colour, double alpha = 1);
void stroke_circle(Picture& picture, const CanvasPoint& centre, double radius, double width, const Colour& colour);

}  // namespace punctum
