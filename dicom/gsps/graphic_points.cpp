#include "dicom/gsps/graphic_points.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <cmath>
#include <optional>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/gsps/displayed_area.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr double largest_image = 65535;  ///< Rows and Columns are 16 bit; the image itself is asked later

/// Graphic Data as it stands, including what is not finite; nothing if it is absent or no floating point numbers.
std::optional<std::vector<double>> read_coordinates(DcmItem& graphic) {
  DcmElement* element = nullptr;
  if (graphic.findAndGetElement(DCM_GraphicData, element).bad() || element == nullptr) return std::nullopt;
  std::vector<double> coordinates;
  for (unsigned long i = 0; i < element->getVM(); ++i) {
    Float32 single = 0;
    Float64 twofold = 0;
    if (element->getFloat32(single, i).good()) {
      coordinates.push_back(single);
    } else if (element->getFloat64(twofold, i).good()) {
      coordinates.push_back(twofold);
    } else {
      return std::nullopt;
    }
  }
  return coordinates;
}

void require_pixel_or_display(const std::optional<std::string>& units) {
  if (units == "PIXEL" || units == "DISPLAY") return;
  throw Refusal("A click has coordinates in " + (units ? "the units " + *units : "no stated units") +
                ", expected Graphic Annotation Units PIXEL.");
}

/// One pair for each point that the graphic announces. Anything else is not a click that somebody meant.
std::vector<double> require_pairs(DcmItem& graphic) {
  const auto dimensions = read_number(graphic, DCM_GraphicDimensions).value_or(2);
  if (dimensions != 2) throw Refusal("A click has " + std::to_string(dimensions) + " dimensions, expected 2.");
  auto coordinates = read_coordinates(graphic);
  if (!coordinates || coordinates->empty()) throw Refusal("A click has no coordinates that can be read.");
  const auto announced = read_number(graphic, DCM_NumberOfGraphicPoints).value_or(1);
  if (announced * 2 != static_cast<double>(coordinates->size())) {
    throw Refusal("A click announces " + std::to_string(std::lround(announced)) + " point(s) but has " +
                  std::to_string(coordinates->size()) + " coordinates, expected two for each point.");
  }
  return *std::move(coordinates);
}

void require_inside_any_image(double x, double y) {
  if (!std::isfinite(x) || !std::isfinite(y)) throw Refusal("A click has coordinates that are not numbers.");
  if (x < 0 || y < 0 || x > largest_image || y > largest_image) {
    throw Refusal("A click lies outside of its image: column " + std::to_string(x) + ", row " + std::to_string(y) +
                  ".");
  }
}

}  // namespace

std::string graphic_type(DcmItem& graphic) { return read_text(graphic, DCM_GraphicType).value_or(""); }

std::vector<ImagePoint> read_points(DcmItem& graphic, DcmItem& presentation_state, const Uid& image) {
  const auto units = read_text(graphic, DCM_GraphicAnnotationUnits);
  require_pixel_or_display(units);
  const auto pairs = require_pairs(graphic);
  std::vector<ImagePoint> points;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    require_inside_any_image(pairs[i], pairs[i + 1]);
    points.push_back(units == "PIXEL" ? ImagePoint{pairs[i], pairs[i + 1]}
                                      : from_displayed_area(pairs[i], pairs[i + 1], presentation_state, image));
  }
  return points;
}

}  // namespace punctum
