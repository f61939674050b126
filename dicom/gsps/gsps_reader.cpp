#include "dicom/gsps/gsps_reader.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/gsps/graphic_points.hpp"
#include "dicom/gsps/lesion_key.hpp"
#include "dicom/gsps/referenced_images.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::size_t most_points = 64;

/// A click with everything that decides where it belongs.
struct MarkedClick {
  Click click;
  Uid series_instance_uid;
  LesionMark mark;
};

/// What the Graphic Annotation Sequence holds, clicks and the rest.
struct Annotations {
  std::vector<MarkedClick> clicks;
  std::set<std::string> other_graphics, compound_graphics;
  bool has_text = false;
};

std::string upper_case(std::string text) {
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// The layer is the only carrier that every viewer can write, so it says which clicks lie outside of the lesion.
ClickSign sign_of(const std::string& layer) {
  const bool negative = layer == "NEGATIVE" || layer == "BACKGROUND" || layer.ends_with("_NEG");
  return negative ? ClickSign::negative : ClickSign::positive;
}

void require_usable_class(const SopInstance& name) {
  const auto& uid = name.sop_class_uid.str();
  const bool usable = uid == sop_class::grayscale_softcopy_presentation_state_storage ||
                      uid == sop_class::color_softcopy_presentation_state_storage ||
                      uid == sop_class::pseudo_color_softcopy_presentation_state_storage;
  if (!usable) {
    throw Refusal("The object is not a softcopy presentation state whose clicks can be used (SOP class " + uid +
                  "), expected a Grayscale Softcopy Presentation State.");
  }
}

Annotations read_annotations(DcmItem& state, const ReferencedImages& images) {
  const Utf8Reader text(state);
  Annotations found;
  for (auto* annotation : read_items(state, DCM_GraphicAnnotationSequence)) {
    const auto layer = upper_case(read_text(*annotation, DCM_GraphicLayer).value_or(""));
    found.has_text = found.has_text || !read_items(*annotation, DCM_TextObjectSequence).empty();
    for (auto* compound : read_items(*annotation, DCM_CompoundGraphicSequence)) {
      found.compound_graphics.insert(read_text(*compound, DCM_CompoundGraphicType).value_or("without type"));
    }
    for (auto* graphic : read_items(*annotation, DCM_GraphicObjectSequence)) {
      const auto type = graphic_type(*graphic);
      if (type != "POINT") {
        found.other_graphics.insert(type.empty() ? "without type" : type);
        continue;
      }
      const auto& image = image_of_annotation(*annotation, images);
      require_ct_image(image);
      const auto mark = lesion_mark_of(*graphic, layer, state, text);
      for (const auto& point : read_points(*graphic, state, image.sop_instance_uid)) {
        found.clicks.push_back({{point, image.sop_instance_uid, sign_of(layer)}, image.series_instance_uid, mark});
        if (found.clicks.size() > most_points) {
          throw Refusal("The presentation state holds more than " + std::to_string(most_points) +
                        " clicks; that is not a lesion that somebody clicked on.");
        }
      }
    }
  }
  return found;
}

std::string listed(const std::set<std::string>& types) {
  std::string list;
  for (const auto& type : types) list += (list.empty() ? "" : ", ") + type;
  return list;
}

[[noreturn]] void refuse_without_click(const Annotations& found) {
  const auto refuse_for = [](const std::string& what) {
    throw Refusal("The presentation state holds " + what + " but no point. Please mark the lesion with a point.");
  };
  if (!found.other_graphics.empty()) refuse_for("graphics (" + listed(found.other_graphics) + ")");
  if (!found.compound_graphics.empty()) refuse_for("compound graphics (" + listed(found.compound_graphics) + ")");
  if (found.has_text) refuse_for("text");
  throw Refusal("The presentation state holds no annotation, so it does not say where the lesion is.");
}

/// A later version makes one prompt of each lesion; until then several are refused rather than melted into one.
void require_one_lesion(const std::vector<MarkedClick>& clicks) {
  std::vector<LesionMark> marks;
  for (const auto& click : clicks) {
    if (std::find(marks.begin(), marks.end(), click.mark) == marks.end()) marks.push_back(click.mark);
  }
  if (marks.size() > 1) {
    throw Refusal("The presentation state speaks of " + std::to_string(marks.size()) +
                  " lesions (by Tracking UID, group or layer). Please save one presentation state for each lesion.");
  }
}

void require_positive(const PointPrompt& prompt) {
  const bool positive = std::any_of(prompt.clicks.begin(), prompt.clicks.end(),
                                    [](const Click& click) { return click.sign == ClickSign::positive; });
  if (!positive) {
    throw Refusal(
        "All clicks say where the lesion is not (their layer marks them as negative). Please add a click on "
        "the lesion.");
  }
}

/// One prompt for each series, in the order in which the series first appear.
std::vector<PointPrompt> prompts_of(const std::vector<MarkedClick>& clicks, const SopInstance& name) {
  std::vector<PointPrompt> prompts;
  for (const auto& marked : clicks) {
    auto prompt = std::find_if(prompts.begin(), prompts.end(), [&](const PointPrompt& p) {
      return p.series_instance_uid == marked.series_instance_uid;
    });
    if (prompt == prompts.end()) {
      prompts.push_back({name,
                         marked.series_instance_uid,
                         lesion_key_of(marked.mark, name.sop_instance_uid, marked.series_instance_uid),
                         {},
                         {}});
      prompt = std::prev(prompts.end());
    }
    prompt->clicks.push_back(marked.click);
  }
  return prompts;
}

std::vector<PointPrompt> read_clicks(DcmItem& state, const SopInstance& name) {
  const auto found = read_annotations(state, read_referenced_images(state));
  if (found.clicks.empty()) refuse_without_click(found);
  require_one_lesion(found.clicks);
  auto prompts = prompts_of(found.clicks, name);
  const auto creator = Utf8Reader(state).read(state, DCM_ContentCreatorName).value_or("");
  for (auto& prompt : prompts) {
    require_positive(prompt);
    prompt.creator = PatientText(creator);
  }
  return prompts;
}

}  // namespace

std::vector<PointPrompt> read_point_prompts(ByteView part10) {
  const auto state = parse_part10(part10, Extent::whole);
  const auto name = require_sop_instance(*state);
  require_usable_class(name);
  try {
    return read_clicks(*state, name);
  } catch (const DicomError& error) {
    throw Refusal("The presentation state is damaged: " + std::string(error.what()) + ".");
  }
}

}  // namespace punctum
