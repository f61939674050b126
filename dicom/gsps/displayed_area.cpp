#include "dicom/gsps/displayed_area.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr const char* why =
    "A click is given as a fraction of the displayed area (units DISPLAY), and the presentation state ";

void require_untransformed(DcmItem& presentation_state) {
  const auto rotation = read_number(presentation_state, DCM_ImageRotation).value_or(0);
  const auto flip = read_text(presentation_state, DCM_ImageHorizontalFlip).value_or("N");
  if (rotation != 0 || flip != "N") {
    throw Refusal(std::string(why) + "rotates or flips the image, so that its place in the image is not certain.");
  }
}

bool names_image(DcmItem& area, const Uid& image) {
  const auto references = read_items(area, DCM_ReferencedImageSequence);
  return std::any_of(references.begin(), references.end(),
                     [&](DcmItem* item) { return read_uid(*item, DCM_ReferencedSOPInstanceUID) == image; });
}

/// The area stated for this image, else the one stated for all images.
DcmItem& area_of(DcmItem& presentation_state, const Uid& image) {
  DcmItem* for_all = nullptr;
  std::size_t found_for_all = 0;
  for (auto* area : read_items(presentation_state, DCM_DisplayedAreaSelectionSequence)) {
    if (names_image(*area, image)) return *area;
    if (read_items(*area, DCM_ReferencedImageSequence).empty()) {
      for_all = area;
      ++found_for_all;
    }
  }
  if (found_for_all != 1) throw Refusal(std::string(why) + "does not say which area of that image was displayed.");
  return *for_all;
}

}  // namespace

ImagePoint from_displayed_area(double x, double y, DcmItem& presentation_state, const Uid& image) {
  require_untransformed(presentation_state);
  if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
    throw Refusal(std::string(why) + "places it outside of that area: (" + std::to_string(x) + ", " +
                  std::to_string(y) + "), expected values from 0 to 1.");
  }
  auto& area = area_of(presentation_state, image);
  const auto top_left = read_numbers(area, DCM_DisplayedAreaTopLeftHandCorner);
  const auto bottom_right = read_numbers(area, DCM_DisplayedAreaBottomRightHandCorner);
  const bool usable = top_left.size() == 2 && bottom_right.size() == 2 && bottom_right[0] >= top_left[0] &&
                      bottom_right[1] >= top_left[1];
  if (!usable) throw Refusal(std::string(why) + "does not say which area of that image was displayed.");
  // The corners name whole pixels, counted from 1, both inclusive; the point is measured from the outer corner.
  const double left = top_left[0] - 1, top = top_left[1] - 1;
  return {left + x * (bottom_right[0] - left), top + y * (bottom_right[1] - top)};
}

}  // namespace punctum
