#include "node/pipeline/rounds.hpp"

#include "dicom/seg/seg_reader.hpp"
#include "dicom/types/error.hpp"
#include "node/pipeline/prompt_source.hpp"

namespace punctum {

EarlierRounds earlier_rounds(const Archive& archive, const JobStore& jobs, const PointPrompt& prompt) {
  EarlierRounds out;
  for (const auto& job : jobs.rounds(prompt.series_instance_uid.str(), prompt.lesion.tracking_uid.str())) {
    if (job.gsps_uid == prompt.presentation_state.sop_instance_uid) continue;
    const auto earlier = read_prompt(archive, job.gsps_uid, job.series_uid, job.tracking_uid);
    out.clicks.insert(out.clicks.end(), earlier.clicks.begin(), earlier.clicks.end());
    out.last_segmentation = Uid::parse(job.seg_uid);
    if (const auto sr = Uid::parse(job.sr_uid)) {
      if (const auto stored = archive.instance(*sr)) out.last_report = stored->record.name;
    }
    ++out.count;
  }
  return out;
}

std::optional<LesionMask> previous_mask(const Archive& archive, const EarlierRounds& earlier,
                                        const SeriesGeometry& geometry) {
  if (!earlier.last_segmentation) return {};
  const auto stored = archive.instance(*earlier.last_segmentation);
  if (!stored) {
    throw StorageError("cannot read the segmentation of the previous round: " + earlier.last_segmentation->str() +
                       " is not in the archive");
  }
  return read_segment(archive.read(*stored), 1, geometry);
}

}  // namespace punctum
