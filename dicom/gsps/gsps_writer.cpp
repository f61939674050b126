#include "dicom/gsps/gsps_writer.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <utility>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/modules/elements.hpp"
#include "dicom/modules/instance_reference.hpp"
#include "dicom/modules/patient_study.hpp"
#include "dicom/modules/series_equipment.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr int series_number_base = 900;  ///< presentation states stand behind the images of a study

/// A layer in which clicks of one sign lie, with a colour for viewers that honour one (CIELab as PS3.3 C.10.7.1.1).
struct Layer {
  ClickSign sign;
  const char* name;
  const char* description;
  std::array<Uint16, 3> cielab;
};
constexpr std::array layers = {
    Layer{ClickSign::positive, "POSITIVE", "Clicks on the lesion", {57498, 10744, 54273}},
    Layer{ClickSign::negative, "NEGATIVE", "Clicks beside the lesion", {34894, 53482, 50168}}};

/// An image that was clicked on, with its place and its file.
struct ClickedImage {
  CtSliceHeader header;
  ByteView part10;
};

std::vector<ClickedImage> find_clicked(const ClickSheet& sheet, const std::vector<Bytes>& series) {
  if (sheet.clicks.empty()) throw DicomError("cannot write presentation state: expected at least one click");
  std::map<Uid, ClickedImage> found;
  for (const auto& part10 : series) {
    const auto uid = require_uid(*parse_part10(part10, Extent::header), DCM_SOPInstanceUID);
    const bool clicked = std::any_of(sheet.clicks.begin(), sheet.clicks.end(),
                                     [&](const Click& click) { return click.drawn_on == uid; });
    if (clicked) found.try_emplace(uid, ClickedImage{read_ct_slice_header(part10), part10});
  }
  std::vector<ClickedImage> images;  // in the order of the clicks
  for (const auto& click : sheet.clicks) {
    const auto image = found.find(click.drawn_on);
    if (image == found.end()) {
      throw DicomError("cannot write presentation state: image " + click.drawn_on.str() +
                       " that a click lies on is not part of the series");
    }
    to_patient(click.point, image->second.header.placed.plane);  // throws where the point lies outside
    const bool known = std::any_of(images.begin(), images.end(), [&](const ClickedImage& other) {
      return other.header.placed.instance.sop_instance_uid == click.drawn_on;
    });
    if (!known) images.push_back(image->second);
  }
  return images;
}

/// Patient, study and window come from the first clicked image; its grid is of no concern here.
std::shared_ptr<const SourceSeries> source_of(const ClickedImage& image) {
  const auto& header = image.header;
  const auto frame = header.frame_of_reference_uid.value_or(header.placed.instance.series_instance_uid);
  return SourceSeries::from_files(SeriesGeometry::from_slices({header.placed}, frame), {image.part10});
}

void put_referenced_images(DcmItem& state, const std::vector<ClickedImage>& images) {
  auto& series = append_item(state, DCM_ReferencedSeriesSequence);
  put(series, DCM_SeriesInstanceUID, images.front().header.placed.instance.series_instance_uid);
  for (const auto& image : images) {
    put_sop_reference(append_item(series, DCM_ReferencedImageSequence), image.header.placed.instance);
  }
}

/// The whole image, as large as it fits.
void put_displayed_area(DcmItem& state, const ClickedImage& image, const SourceSeries::Headers& source) {
  const auto& plane = image.header.placed.plane;
  auto& area = append_item(state, DCM_DisplayedAreaSelectionSequence);
  const std::array<Sint32, 2> first = {1, 1};
  const std::array<Sint32, 2> last = {plane.columns, plane.rows};
  check(area.putAndInsertSint32Array(DCM_DisplayedAreaTopLeftHandCorner, first.data(), 2), "put displayed area");
  check(area.putAndInsertSint32Array(DCM_DisplayedAreaBottomRightHandCorner, last.data(), 2), "put displayed area");
  put(area, DCM_PresentationSizeMode, "SCALE TO FIT");
  put(area, DCM_PresentationPixelSpacing, source.text(DCM_PixelSpacing));
}

void put_point(DcmItem& annotation, const Click& click, const std::optional<LesionKey>& lesion, const OwnText& text) {
  auto& graphic = append_item(annotation, DCM_GraphicObjectSequence);
  put(graphic, DCM_GraphicAnnotationUnits, "PIXEL");
  put_us(graphic, DCM_GraphicDimensions, {2});
  put_us(graphic, DCM_NumberOfGraphicPoints, {1});
  const std::array<Float32, 2> data = {static_cast<Float32>(click.point.column), static_cast<Float32>(click.point.row)};
  check(graphic.putAndInsertFloat32Array(DCM_GraphicData, data.data(), data.size()), "put Graphic Data");
  put(graphic, DCM_GraphicType, "POINT");
  if (!lesion) return;
  put(graphic, DCM_TrackingID, text.line(lesion->tracking_id.empty() ? "Lesion" : lesion->tracking_id));
  put(graphic, DCM_TrackingUID, lesion->tracking_uid);
}

/// One annotation for each image and layer, since an annotation has one layer and its own list of images.
void put_annotations(DcmItem& state, const ClickSheet& sheet, const std::vector<ClickedImage>& images,
                     const OwnText& text) {
  for (const auto& image : images) {
    for (const auto& layer : layers) {
      DcmItem* annotation = nullptr;
      for (const auto& click : sheet.clicks) {
        const auto& instance = image.header.placed.instance;
        if (click.sign != layer.sign || click.drawn_on != instance.sop_instance_uid) continue;
        if (annotation == nullptr) {
          annotation = &append_item(state, DCM_GraphicAnnotationSequence);
          put_sop_reference(append_item(*annotation, DCM_ReferencedImageSequence), instance);
          put(*annotation, DCM_GraphicLayer, layer.name);
        }
        put_point(*annotation, click, sheet.lesion, text);
      }
    }
  }
}

void put_layers(DcmItem& state, const ClickSheet& sheet) {
  int order = 0;
  for (const auto& layer : layers) {
    const bool used = std::any_of(sheet.clicks.begin(), sheet.clicks.end(),
                                  [&](const Click& click) { return click.sign == layer.sign; });
    if (!used) continue;
    auto& item = append_item(state, DCM_GraphicLayerSequence);
    put(item, DCM_GraphicLayer, layer.name);
    put(item, DCM_GraphicLayerOrder, std::to_string(++order));
    put(item, DCM_GraphicLayerDescription, layer.description);
    put_us(item, DCM_GraphicLayerRecommendedDisplayCIELabValue, {layer.cielab.begin(), layer.cielab.end()});
  }
}

/// The transformations of the images themselves: what a viewer shows without any presentation state.
void put_transformations(DcmItem& state, const std::vector<ClickedImage>& images, const SourceSeries::Headers& source) {
  const auto& first = images.front().header;
  const bool same_rescale = std::all_of(images.begin(), images.end(), [&](const ClickedImage& image) {
    return image.header.rescale_slope == first.rescale_slope &&
           image.header.rescale_intercept == first.rescale_intercept;
  });
  if (same_rescale) {
    put(state, DCM_RescaleIntercept, decimal_string(first.rescale_intercept));
    put(state, DCM_RescaleSlope, decimal_string(first.rescale_slope));
    put(state, DCM_RescaleType, "HU");
  }
  const auto first_value = [&](const DcmTagKey& tag) {
    const auto all = source.text(tag);
    return all.substr(0, all.find('\\'));
  };
  const auto center = first_value(DCM_WindowCenter), width = first_value(DCM_WindowWidth);
  if (!center.empty() && !width.empty() && same_rescale) {
    auto& window = append_item(state, DCM_SoftcopyVOILUTSequence);
    put(window, DCM_WindowCenter, center);
    put(window, DCM_WindowWidth, width);
  }
  put(state, DCM_PresentationLUTShape, "IDENTITY");
}

/// VR CS: upper case, digits, space and underscore, at most 16.
std::string code_string(std::string_view text) {
  std::string code;
  for (const char c : text.substr(0, 16)) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const bool allowed = (upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9') || upper == ' ';
    code += allowed ? upper : '_';
  }
  return code.empty() ? "CLICK" : code;
}

std::string local_time_now() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 16> whole{};
  std::strftime(whole.data(), whole.size(), "%Y%m%d%H%M%S", &local);
  auto fraction = std::to_string(micros);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::string(whole.data()) + "." + fraction;
}

}  // namespace

Part10File write_click_presentation_state(const ClickSheet& sheet, const std::vector<Bytes>& series) {
  const auto images = find_clicked(sheet, series);
  const auto source = source_of(images.front());
  const auto& headers = source->headers();
  const auto created = sheet.created.empty() ? local_time_now() : sheet.created;
  const auto date = created.substr(0, 8);
  const auto time = created.size() > 8 ? created.substr(8) : std::string("000000");

  DcmDataset state;
  const std::string label = sheet.lesion ? sheet.lesion->tracking_id : "";
  const auto text = put_patient_and_study(state, headers, {sheet.creator.reveal(), label});
  put_series(state, {.modality = "PR",
                     .series_instance_uid = Uid::random(),
                     .series_number = series_number_beside(headers, series_number_base),
                     .description = "Clicks on a lesion",
                     .date = date,
                     .time = time});
  put_body_part(state, headers);
  put(state, DCM_Manufacturer, manufacturer);
  put(state, DCM_ManufacturerModelName, model_name);
  put(state, DCM_SOPClassUID, sop_class::grayscale_softcopy_presentation_state_storage);
  put(state, DCM_SOPInstanceUID, Uid::random());
  put(state, DCM_InstanceCreationDate, date);
  put(state, DCM_InstanceCreationTime, time);
  put(state, DCM_InstanceNumber, "1");
  put(state, DCM_ContentLabel, code_string(sheet.content_label));
  put(state, DCM_ContentDescription, "Clicks on a lesion");
  put(state, DCM_PresentationCreationDate, date);
  put(state, DCM_PresentationCreationTime, time);
  put(state, DCM_ContentCreatorName, text.person_name(sheet.creator.reveal()));
  put_referenced_images(state, images);
  put_displayed_area(state, images.front(), headers);
  put_annotations(state, sheet, images, text);
  put_layers(state, sheet);
  put_transformations(state, images, headers);
  return to_part10(state);
}

}  // namespace punctum
