#include "node/tools/canvas.hpp"

#include <algorithm>
#include <cmath>

namespace punctum {
namespace {

double distance(const CanvasPoint& p, const Segment& s) {
  const double dx = s.to.x - s.from.x, dy = s.to.y - s.from.y;
  const double length = dx * dx + dy * dy;
  const double along = length == 0 ? 0 : std::clamp(((p.x - s.from.x) * dx + (p.y - s.from.y) * dy) / length, 0.0, 1.0);
  return std::hypot(p.x - s.from.x - along * dx, p.y - s.from.y - along * dy);
}

/// The pixels within reach of some points.
struct Box {
  int left = 0, top = 0, right = -1, bottom = -1;  ///< both ends belong to it
};

Box box_of(const Picture& picture, std::span<const Segment> segments, double reach) {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (const auto& s : segments) {
    left = std::min({left, s.from.x, s.to.x});
    right = std::max({right, s.from.x, s.to.x});
    top = std::min({top, s.from.y, s.to.y});
    bottom = std::max({bottom, s.from.y, s.to.y});
  }
  return {std::max(0, static_cast<int>(left - reach)), std::max(0, static_cast<int>(top - reach)),
          std::min(picture.width - 1, static_cast<int>(right + reach)),
          std::min(picture.height - 1, static_cast<int>(bottom + reach))};
}

/// Paints every pixel of the box by how much of it a shape covers, told by the distance to the shape's edge.
template <typename EdgeDistance>
void paint(Picture& picture, const Box& box, const Colour& colour, double alpha, EdgeDistance outside_by) {
  for (int y = box.top; y <= box.bottom; ++y) {
    for (int x = box.left; x <= box.right; ++x) {
      const double coverage = std::clamp(0.5 - outside_by(CanvasPoint{x + 0.5, y + 0.5}), 0.0, 1.0);
      if (coverage > 0) blend(picture, x, y, colour, alpha * coverage);
    }
  }
}

std::uint8_t mixed(std::uint8_t below, double above, double alpha) {
  return static_cast<std::uint8_t>(std::lround(below + (above - below) * alpha));
}

}  // namespace

Picture blank_picture(int width, int height, const Colour& background) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  Picture picture{width, height, std::vector<std::uint8_t>(3 * pixels)};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) blend(picture, x, y, background, 1);
  }
  return picture;
}

void blend(Picture& picture, int x, int y, const Colour& colour, double alpha) {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  auto* pixel = &picture.rgb[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                                  static_cast<std::size_t>(x))];
  pixel[0] = mixed(pixel[0], colour.r, alpha);
  pixel[1] = mixed(pixel[1], colour.g, alpha);
  pixel[2] = mixed(pixel[2], colour.b, alpha);
}

void stroke(Picture& picture, std::span<const Segment> segments, double width, const Colour& colour, double alpha) {
  if (segments.empty()) return;
  paint(picture, box_of(picture, segments, width / 2 + 1), colour, alpha, [&](const CanvasPoint& p) {
    double nearest = 1e9;
    for (const auto& s : segments) nearest = std::min(nearest, distance(p, s));
    return nearest - width / 2;
  });
}

void fill_disc(Picture& picture, const CanvasPoint& centre, double radius, const Colour& colour, double alpha) {
  const Segment dot{centre, centre};
  stroke(picture, {&dot, 1}, 2 * radius, colour, alpha);
}

void stroke_circle(Picture& picture, const CanvasPoint& centre, double radius, double width, const Colour& colour) {
  const Segment dot{centre, centre};
  paint(picture, box_of(picture, {&dot, 1}, radius + width), colour, 1, [&](const CanvasPoint& p) {
    return std::abs(std::hypot(p.x - centre.x, p.y - centre.y) - radius) - width / 2;
  });
}

}  // namespace punctum
