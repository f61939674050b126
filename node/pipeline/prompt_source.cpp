#include "node/pipeline/prompt_source.hpp"

#include <algorithm>

#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

std::string attribute(const StoredInstance& stored, std::string_view keyword) {
  const auto found = stored.record.attributes.find(keyword);
  return found == stored.record.attributes.end() ? "" : found->second;
}

void require_usable_image(const StoredInstance& image, const StoredInstance& gsps, const PointPrompt& prompt) {
  const auto& name = image.record.name;
  const auto which = "image " + name.sop_instance_uid.str();
  if (name.sop_class_uid.str() != sop_class::ct_image_storage) {
    throw Refusal("The click lies on " + which + ", which is no CT image; only CT series can be segmented.");
  }
  if (name.series_instance_uid != prompt.series_instance_uid) {
    throw Refusal("The presentation state says that " + which + " belongs to series " +
                  prompt.series_instance_uid.str() + ", but it is stored in series " + name.series_instance_uid.str() +
                  ".");
  }
  if (name.study_instance_uid != gsps.record.name.study_instance_uid) {
    throw Refusal("The click lies on " + which + " of another study than the presentation state itself.");
  }
  if (attribute(image, "PatientID") != attribute(gsps, "PatientID")) {
    throw Refusal("The click lies on " + which + " of another patient than the presentation state itself.");
  }
}

}  // namespace

PointPrompt read_prompt(const Archive& archive, const Uid& gsps_uid, const std::string& series_uid,
                        const std::string& tracking_uid) {
  const auto stored = archive.instance(gsps_uid);
  if (!stored) throw StorageError("cannot read presentation state " + gsps_uid.str() + ": it is not in the archive");
  for (auto& prompt : read_point_prompts(archive.read(*stored))) {
    if (prompt.series_instance_uid.str() == series_uid && prompt.lesion.tracking_uid.str() == tracking_uid)
      return prompt;
  }
  throw DicomError("cannot find lesion " + tracking_uid + " on series " + series_uid + " in presentation state " +
                   gsps_uid.str());
}

std::vector<Uid> clicked_images(const std::vector<Click>& clicks) {
  std::vector<Uid> out;
  for (const auto& click : clicks) {
    if (std::find(out.begin(), out.end(), click.drawn_on) == out.end()) out.push_back(click.drawn_on);
  }
  return out;
}

void require_usable_images(const Archive& archive, const PointPrompt& prompt) {
  const auto gsps = archive.instance(prompt.presentation_state.sop_instance_uid);
  if (!gsps) throw StorageError("cannot find presentation state " + prompt.presentation_state.sop_instance_uid.str());
  for (const auto& uid : clicked_images(prompt.clicks)) {
    if (const auto image = archive.instance(uid)) require_usable_image(*image, *gsps, prompt);
  }
}

}  // namespace punctum
