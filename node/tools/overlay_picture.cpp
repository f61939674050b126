#include "node/tools/overlay_picture.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <optional>

#include "dicom/types/error.hpp"
#include "node/tools/canvas.hpp"
#include "node/tools/lesion_views.hpp"
#include "node/tools/stroke_font.hpp"

namespace punctum {
namespace {

constexpr Colour page{13, 15, 19};
constexpr Colour outside_volume{20, 23, 28};
constexpr Colour ink{232, 236, 241};
constexpr Colour faint_ink{139, 148, 160};
constexpr Colour shadow{};
constexpr Colour lesion_colour{255, 112, 67};
constexpr Colour truth_colour{120, 220, 90};
constexpr Colour positive_click{77, 230, 190};
constexpr Colour negative_click{120, 170, 255};

constexpr int margin_px = 24, gap_px = 12, line_px = 22, header_px = 62;
constexpr double contour_px = 1.8, fill_alpha = 0.14;

/// How one view is cut out of the volume: all three at the same scale.
struct Pane {
  LesionView view;
  std::string caption{};
  int left = 0, top = 0, size = 0;
  double mm_per_px = 1;
  std::array<double, 3> centre{};   ///< voxel index in the middle of the pane; on the fixed axis the layer itself
  std::array<double, 3> spacing{};  ///< mm between voxels

  std::array<double, 3> index_at(double x_px, double y_px) const {
    auto index = centre;
    const auto across = static_cast<std::size_t>(view.across), down = static_cast<std::size_t>(view.down);
    index[across] += view.across_sign * (x_px - size / 2.0) * mm_per_px / spacing[across];
    index[down] += view.down_sign * (y_px - size / 2.0) * mm_per_px / spacing[down];
    return index;
  }
  CanvasPoint pixel_of(const std::array<double, 3>& index) const {
    const auto across = static_cast<std::size_t>(view.across), down = static_cast<std::size_t>(view.down);
    return {left + size / 2.0 + view.across_sign * (index[across] - centre[across]) * spacing[across] / mm_per_px,
            top + size / 2.0 + view.down_sign * (index[down] - centre[down]) * spacing[down] / mm_per_px};
  }
};

/// Trilinear; voxels beyond the edge repeat it for half a voxel, further out there is nothing.
template <typename Voxels>
std::optional<double> sample(const SeriesGeometry& grid, const Voxels& voxels, const std::array<double, 3>& index) {
  const std::array<int, 3> size{grid.columns(), grid.rows(), grid.slice_count()};
  std::array<int, 3> low{};
  std::array<double, 3> part{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (index[axis] < -0.5 || index[axis] > size[axis] - 0.5) return std::nullopt;
    const double inside = std::clamp(index[axis], 0.0, size[axis] - 1.0);
    low[axis] = std::min(static_cast<int>(inside), std::max(0, size[axis] - 2));
    part[axis] = inside - low[axis];
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<int, 3> at{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool high = (corner >> axis & 1) != 0;
      weight *= high ? part[axis] : 1 - part[axis];
      at[axis] = low[axis] + (high && low[axis] + 1 < size[axis] ? 1 : 0);
    }
    if (weight == 0) continue;
    const auto row =
        static_cast<std::size_t>(at[2]) * static_cast<std::size_t>(size[1]) + static_cast<std::size_t>(at[1]);
    sum += weight * voxels[row * static_cast<std::size_t>(size[0]) + static_cast<std::size_t>(at[0])];
  }
  return sum;
}

Colour grey_of(double hu, const Window& window) {
  const double level = std::clamp((hu - window.centre_hu) / window.width_hu + 0.5, 0.0, 1.0) * 255;
  return {level, level, level};
}

/// Four samples a pixel, so that noise does not turn into patterns where pixels are larger than voxels.
Colour pixel_of(const Pane& pane, int x, int y, const Volume& volume, const Window& window) {
  Colour sum;
  for (const double dy : {0.25, 0.75}) {
    for (const double dx : {0.25, 0.75}) {
      const auto hu = sample(volume.geometry, volume.hu, pane.index_at(x + dx, y + dy));
      const auto colour = hu ? grey_of(*hu, window) : outside_volume;
      sum = {sum.r + colour.r / 4, sum.g + colour.g / 4, sum.b + colour.b / 4};
    }
  }
  return sum;
}

void draw_image(Picture& picture, const Pane& pane, const Volume& volume, const Window& window) {
  for (int y = 0; y < pane.size; ++y) {
    for (int x = 0; x < pane.size; ++x) {
      blend(picture, pane.left + x, pane.top + y, pixel_of(pane, x, y, volume, window), 1);
    }
  }
}

/// How much of the lesion lies at every pixel, 0 to 1, with a rim of one pixel for differences.
std::vector<double> lesion_field(const Pane& pane, const LesionMask& mask) {
  const int side = pane.size + 2;
  std::vector<double> field;
  field.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (int y = -1; y <= pane.size; ++y) {
    for (int x = -1; x <= pane.size; ++x) {
      field.push_back(sample(mask.geometry, mask.voxels, pane.index_at(x + 0.5, y + 0.5)).value_or(0));
    }
  }
  return field;
}

enum class Fill { none, light };

/// A line where half of the voxel belongs to the lesion, and a fill inside if wanted: the distance to it is told by
/// value and slope.
void draw_lesion(Picture& picture, const Pane& pane, const LesionMask& mask, const Colour& colour, Fill fill) {
  const auto field = lesion_field(pane, mask);
  const auto side = static_cast<std::size_t>(pane.size) + 2;
  for (int y = 0; y < pane.size; ++y) {
    for (int x = 0; x < pane.size; ++x) {
      const auto i = (static_cast<std::size_t>(y) + 1) * side + static_cast<std::size_t>(x) + 1;
      const double slope = std::hypot(field[i + 1] - field[i - 1], field[i + side] - field[i - side]) / 2;
      if (fill == Fill::light && field[i] > 0.5) blend(picture, pane.left + x, pane.top + y, colour, fill_alpha);
      if (slope < 1e-6) continue;
      const double distance = std::abs(field[i] - 0.5) / slope;
      const double coverage = std::clamp(contour_px / 2 + 0.5 - distance, 0.0, 1.0);
      blend(picture, pane.left + x, pane.top + y, colour, coverage);
    }
  }
}

void draw_caption(Picture& picture, std::string_view text, CanvasPoint at, double height, const Colour& colour) {
  draw_text(picture, text, at, height, colour, /*halo=*/1.5);
}

void draw_caption_centred(Picture& picture, std::string_view text, CanvasPoint at, double height,
                          const Colour& colour) {
  draw_caption(picture, text, {at.x - text_width(text, height) / 2, at.y}, height, colour);
}

/// A bar of a round length, at most a third of the pane.
void draw_scale_bar(Picture& picture, const Pane& pane) {
  int length_mm = 1;
  for (const int candidate : {2, 5, 10, 20, 50, 100, 200}) {
    if (candidate / pane.mm_per_px < pane.size / 3.0) length_mm = candidate;
  }
  const double x = pane.left + 14, y = pane.top + pane.size - 16, length = length_mm / pane.mm_per_px;
  const std::array bar{Segment{{x, y}, {x + length, y}}, Segment{{x, y - 4}, {x, y + 4}},
                       Segment{{x + length, y - 4}, {x + length, y + 4}}};
  stroke(picture, bar, 3.5, shadow, 0.6);
  stroke(picture, bar, 1.6, ink);
  draw_caption(picture, std::format("{} mm", length_mm), {x, y - 10}, 9, ink);
}

/// A click stands out where its own layer is shown; in other layers only a ring tells where it lies.
void draw_click(Picture& picture, const Pane& pane, const SeriesGeometry& grid, const ClickMark& click) {
  const auto place = grid.to_index(click.place);
  const std::array<double, 3> index{place.x, place.y, place.z};
  const auto at = pane.pixel_of(index);
  const bool visible =
      at.x > pane.left && at.x < pane.left + pane.size && at.y > pane.top && at.y < pane.top + pane.size;
  if (!visible) return;
  const auto fixed = static_cast<std::size_t>(pane.view.fixed_axis);
  const bool on_this_layer = std::abs(index[fixed] - pane.centre[fixed]) * pane.spacing[fixed] < 2.5;
  const auto& colour = click.sign == ClickSign::positive ? positive_click : negative_click;
  stroke_circle(picture, at, 6, 3.5, {0, 0, 0});
  stroke_circle(picture, at, 6, 1.6, colour);
  if (!on_this_layer) return;
  std::vector<Segment> cross{{{at.x - 3, at.y}, {at.x + 3, at.y}}};
  if (click.sign == ClickSign::positive) cross.push_back({{at.x, at.y - 3}, {at.x, at.y + 3}});
  stroke(picture, cross, 1.5, colour);
}

/// Short ticks at the rim where the other two views cut through this one.
void draw_cut_marks(Picture& picture, const Pane& pane, const std::array<Pane, 3>& panes) {
  std::array<double, 3> index{};
  for (const auto& other : panes) {
    const auto axis = static_cast<std::size_t>(other.view.fixed_axis);
    index[axis] = other.centre[axis];
  }
  const auto cut = pane.pixel_of(index);
  const double right = pane.left + pane.size, bottom = pane.top + pane.size;
  const std::array ticks{
      Segment{{cut.x, pane.top + 1.0}, {cut.x, pane.top + 8.0}}, Segment{{cut.x, bottom - 8}, {cut.x, bottom - 1}},
      Segment{{pane.left + 1.0, cut.y}, {pane.left + 8.0, cut.y}}, Segment{{right - 8, cut.y}, {right - 1, cut.y}}};
  for (const auto& tick : ticks) stroke(picture, {&tick, 1}, 1.4, lesion_colour, 0.9);
}

void draw_pane_captions(Picture& picture, const Pane& pane) {
  draw_caption(picture, pane.caption, {pane.left + 14.0, pane.top + 24.0}, 10.5, ink);
  const double middle = pane.size / 2.0;
  const Colour edge_ink{200, 206, 214};
  const auto edge = [&](std::size_t i) { return std::string(1, pane.view.edges[i]); };
  draw_caption_centred(picture, edge(0), {pane.left + 18.0, pane.top + middle + 5}, 10, edge_ink);
  draw_caption_centred(picture, edge(1), {pane.left + pane.size - 18.0, pane.top + middle + 5}, 10, edge_ink);
  draw_caption_centred(picture, edge(2), {pane.left + middle, pane.top + 24.0}, 10, edge_ink);
  draw_caption_centred(picture, edge(3), {pane.left + middle, pane.top + pane.size - 14.0}, 10, edge_ink);
}

/// The same field for all views: the lesion with as much again around it, and never so little that no one knows where.
double field_of_view_mm(const VoxelBox& box, const std::array<double, 3>& spacing) {
  double largest = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    largest = std::max(largest, (box.last[axis] - box.first[axis] + 1) * spacing[axis]);
  }
  return std::max(90.0, 2.2 * largest);
}

/// Slices of the series have numbers; layers across them have none that a reader could look up.
std::string caption_of(const LesionView& view, const SeriesGeometry& grid) {
  if (view.fixed_axis != 2) return view.name;
  return view.name + std::format(" · slice {} of {}", view.fixed_index + 1, grid.slice_count());
}

std::array<Pane, 3> lay_out(const LesionMask& mask, const OverlayOptions& options) {
  const auto& grid = mask.geometry;
  const auto box = box_around(mask);
  const std::array<double, 3> spacing{grid.column_spacing_mm(), grid.row_spacing_mm(), grid.slice_spacing_mm()};
  const auto views = choose_views(mask);
  std::array<Pane, 3> panes;
  for (std::size_t i = 0; i < panes.size(); ++i) {
    panes[i] = {views[i], caption_of(views[i], grid), margin_px + static_cast<int>(i) * (options.pane_px + gap_px),
                header_px, options.pane_px};
    panes[i].spacing = spacing;
    panes[i].mm_per_px = field_of_view_mm(box, spacing) / options.pane_px;
    for (std::size_t axis = 0; axis < 3; ++axis) panes[i].centre[axis] = (box.first[axis] + box.last[axis]) / 2.0;
    panes[i].centre[static_cast<std::size_t>(views[i].fixed_axis)] = views[i].fixed_index;
  }
  return panes;
}

void draw_header(Picture& picture, const OverlayOptions& options, const Window& window) {
  draw_text(picture, options.title.empty() ? "Lesion" : options.title, {margin_px, 40}, 15, ink);
  const auto text = std::format("{} window  {:.0f} / {:.0f} HU", window.name, window.centre_hu, window.width_hu);
  draw_text(picture, text, {picture.width - margin_px - text_width(text, 10), 38}, 10, faint_ink);
}

int legend_height_px(const OverlayOptions& options) {
  const auto lines = static_cast<int>((options.legend.size() + 2) / 3);
  return margin_px + (lines == 0 ? 0 : 8 + lines * line_px);
}

/// Line by line in three columns, one below each view.
void draw_legend(Picture& picture, const OverlayOptions& options) {
  for (std::size_t i = 0; i < options.legend.size(); ++i) {
    const auto column = static_cast<int>(i % 3), line = static_cast<int>(i / 3);
    const double left = margin_px + column * (options.pane_px + gap_px);
    draw_text(picture, options.legend[i], {left, header_px + options.pane_px + 32.0 + line * line_px}, 9.5, ink);
  }
}

void require_same_size(const Volume& volume, const LesionMask& mask) {
  if (volume.hu.size() == mask.voxels.size()) return;
  throw GeometryError("cannot draw a lesion: found a mask of " + std::to_string(mask.voxels.size()) +
                      " voxels, expected " + std::to_string(volume.hu.size()));
}

}  // namespace

Picture draw_lesion_overlay(const Volume& volume, const LesionMask& mask, const OverlayOptions& options) {
  const auto& shown = options.truth != nullptr ? *options.truth : mask;
  require_same_size(volume, mask);
  require_same_size(volume, shown);
  const auto window = choose_window(volume, shown);
  const auto panes = lay_out(shown, options);
  auto picture = blank_picture(2 * margin_px + 3 * options.pane_px + 2 * gap_px,
                               header_px + options.pane_px + legend_height_px(options), page);
  draw_header(picture, options, window);
  for (const auto& pane : panes) {
    draw_image(picture, pane, volume, window);
    draw_lesion(picture, pane, mask, lesion_colour, Fill::light);
    if (options.truth != nullptr) draw_lesion(picture, pane, *options.truth, truth_colour, Fill::none);
    draw_cut_marks(picture, pane, panes);
    for (const auto& click : options.clicks) draw_click(picture, pane, volume.geometry, click);
    draw_scale_bar(picture, pane);
    draw_pane_captions(picture, pane);
  }
  draw_legend(picture, options);
  return picture;
}

void write_png(const Picture& picture, const std::filesystem::path& path) {
  const auto refuse = [&](const char* why) {
    throw StorageError("cannot write picture " + path.string() + ": " + why);
  };
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  if (png_image_write_to_file(&image, path.c_str(), 0, picture.rgb.data(), 0, nullptr) == 0) refuse(image.message);
}

}  // namespace punctum
