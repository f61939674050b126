#include "dicom/gsps/lesion_key.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <cmath>
#include <string_view>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr std::size_t longest_label = 64;  ///< characters of VR LO and UT labels that other systems show

/// One line of at most 64 characters; control characters and the value delimiter become spaces.
std::string clean_label(std::string_view utf8) {
  std::string label;
  std::size_t characters = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    const bool begins_character = (byte & 0xc0) != 0x80;
    if (begins_character && ++characters > longest_label) break;
    label += byte < 0x20 || byte == 0x7f || c == '\\' ? ' ' : c;
  }
  const auto first = label.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return label.substr(first, label.find_last_not_of(' ') - first + 1);
}

std::string group_label(long group, DcmItem& presentation_state, const Utf8Reader& text) {
  for (auto* item : read_items(presentation_state, DCM_GraphicGroupSequence)) {
    if (read_number(*item, DCM_GraphicGroupID) == static_cast<double>(group)) {
      return text.read(*item, DCM_GraphicGroupLabel).value_or("");
    }
  }
  return {};
}

/// "3" of LESION_3 and LESION_3_NEG; nothing for other layers.
std::optional<std::string> lesion_suffix(const std::string& layer) {
  constexpr std::string_view prefix = "LESION_";
  if (!layer.starts_with(prefix)) return std::nullopt;
  auto suffix = layer.substr(prefix.size());
  if (suffix.ends_with("_NEG")) suffix.resize(suffix.size() - 4);
  if (suffix.empty() || suffix == "NEG") return std::nullopt;
  return suffix;
}

}  // namespace

LesionMark lesion_mark_of(DcmItem& graphic, const std::string& layer, DcmItem& presentation_state,
                          const Utf8Reader& text) {
  const auto tracking_id = clean_label(text.read(graphic, DCM_TrackingID).value_or(""));
  if (const auto stated = read_text(graphic, DCM_TrackingUID)) {
    const auto uid = Uid::parse(*stated);
    if (!uid) throw Refusal("A click names its lesion with a Tracking UID that is not a UID.");
    return {LesionMark::Kind::tracking, uid->str(), tracking_id};
  }
  if (const auto group = read_number(graphic, DCM_GraphicGroupID)) {
    const auto number = std::lround(*group);
    const auto label = clean_label(group_label(number, presentation_state, text));
    return {LesionMark::Kind::group, std::to_string(number), label.empty() ? tracking_id : label};
  }
  if (const auto suffix = lesion_suffix(layer)) {
    return {LesionMark::Kind::layer, *suffix, tracking_id.empty() ? "Lesion " + *suffix : tracking_id};
  }
  return {LesionMark::Kind::none, "", tracking_id};
}

LesionKey lesion_key_of(const LesionMark& mark, const Uid& presentation_state_uid, const Uid& series_instance_uid) {
  const auto label = mark.label.empty() ? std::string("Lesion") : mark.label;
  if (mark.kind == LesionMark::Kind::tracking) return {Uid::require(mark.text), label, /*given_by_viewer=*/true};
  const auto name = "lesion of " + presentation_state_uid.str() + " on " + series_instance_uid.str();
  return {Uid::derived_from(name), label, /*given_by_viewer=*/false};
}

}  // namespace punctum
