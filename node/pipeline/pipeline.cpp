#include "node/pipeline/pipeline.hpp"

#include <algorithm>
#include <format>
#include <utility>

#include "dicom/seg/seg_reader.hpp"
#include "dicom/seg/seg_writer.hpp"
#include "dicom/types/error.hpp"
#include "inference/measure/measurements.hpp"
#include "node/pipeline/prompt_source.hpp"
#include "node/pipeline/rounds.hpp"
#include "sr/measurement_report.hpp"

namespace punctum {
namespace {

ResultIdentity identify(const PipelineParts& parts, const PointPrompt& prompt, int round) {
  const auto& model = parts.segmenter.model();
  const auto now = local_date_time(parts.clock());
  return {.presentation_state = prompt.presentation_state,
          .lesion = prompt.lesion,
          .round = round,
          .reader = prompt.creator,
          .model_name = model.name,
          .model_version = model.version,
          .model_digest = model.digest,
          .algorithm_parameters = "",
          .content_date = now.date,
          .content_time = now.time,
          .device_serial_number = parts.device_serial_number,
          .software_version = PUNCTUM_VERSION,
          .source_series_uid = prompt.series_instance_uid};
}

std::optional<Part10File> stored_file(const Archive& archive, const Uid& uid) {
  const auto stored = archive.instance(uid);
  if (!stored) return {};
  return Part10File{stored->record.name, stored->record.transfer_syntax_uid, archive.read(*stored)};
}

std::vector<VoxelClick> voxels_under(const std::vector<Click>& clicks, const SeriesGeometry& geometry) {
  std::vector<VoxelClick> out;
  for (const auto& click : clicks) {
    try {
      out.push_back({geometry.voxel_under(click.point, click.drawn_on), click.sign});
    } catch (const GeometryError&) {
      throw Refusal("A click lies outside image " + click.drawn_on.str() + ", which has " +
                    std::to_string(geometry.columns()) + " columns and " + std::to_string(geometry.rows()) + " rows.");
    }
  }
  return out;
}

std::string parameters_of(const std::vector<VoxelClick>& clicks, const Segmentation& found) {
  std::size_t negative = 0;
  for (const auto& click : clicks) negative += click.sign == ClickSign::negative ? 1 : 0;
  auto spacing = std::to_string(found.crop_spacing_mm);
  spacing.resize(spacing.find('.') + 2);
  return "clicks +" + std::to_string(clicks.size() - negative) + " -" + std::to_string(negative) + ", crop at " +
         spacing + " mm";
}

Segmentation segment(const PipelineParts& parts, const LoadedSeries& series, const std::vector<VoxelClick>& clicks,
                     const std::optional<LesionMask>& previous, StageTimes& times) {
  auto found = parts.segmenter.segment(series.volume, series.content_key, clicks, previous ? &*previous : nullptr);
  times["preprocess_ms"] = found.preprocess_ms;
  times["encode_ms"] = found.encode_ms;
  times["decode_ms"] = found.decode_ms;
  times["postprocess_ms"] = found.postprocess_ms;
  return found;
}

LesionReport report_on(const LoadedSeries& series, const LesionMask& mask, const Segmentation& found, int round,
                       StageTimes& times) {
  const Stopwatch watch;
  LesionReport report{measure_lesion(series.volume, mask), found.attributes, found.mask_quality, round};
  times["measure_ms"] = watch.ms();
  return report;
}

/// The SEG of this run, stored; the one of an interrupted run if there is one; none for an empty mask.
std::optional<Part10File> store_segmentation(const PipelineParts& parts, const LoadedSeries& series,
                                             const std::optional<Part10File>& stored, const LesionMask& mask,
                                             const ResultIdentity& identity, StageTimes& times) {
  if (stored || mask.count() == 0) return stored;
  const Stopwatch write_watch;
  auto file = write_segmentation(mask, *series.source, identity);
  times["write_seg_ms"] = write_watch.ms();
  const Stopwatch store_watch;
  parts.ingest.store_produced(file);
  times["store_ms"] += store_watch.ms();
  return file;
}

Uid store_report(const PipelineParts& parts, const LoadedSeries& series, const LesionReport& report,
                 const std::optional<Part10File>& seg, const ResultIdentity& identity,
                 const std::optional<SopInstance>& predecessor, StageTimes& times) {
  const Stopwatch write_watch;
  const auto file = write_measurement_report(report, seg ? &*seg : nullptr, *series.source, identity, predecessor);
  times["write_sr_ms"] = write_watch.ms();
  const Stopwatch store_watch;
  parts.ingest.store_produced(file);
  times["store_ms"] += store_watch.ms();
  return file.name.sop_instance_uid;
}

/// The report always names a label with its probability (sr/README.md); which of them are less sure than the
/// model's thresholds is said here.
std::string unsure_of(const LesionReport& report, const ModelIdentity& model) {
  std::string names;
  for (const auto& finding : report.attributes) {
    const auto attribute = static_cast<std::size_t>(finding.attribute);
    if (attribute >= model.abstain_below.size()) continue;
    if (finding.best_probability() >= model.abstain_below[attribute]) continue;
    names += (names.empty() ? "" : ", ") + std::string(attribute_vocabulary()[attribute].name);
  }
  return names.empty() ? "" : "Too unsure to rely on: " + names + ".";
}

/// A click into plain tissue ends so, and the smallest lesions too.
std::string small_or_empty(const LesionReport& report) {
  constexpr double small_ml = 0.1;
  if (!report.measurements) return "Nothing was segmented at the clicks; the report says so.";
  const double ml = report.measurements->volume_mm3 / 1000;
  if (ml >= small_ml) return {};
  return std::format("Only {:.3f} ml were segmented at the clicks.", ml);
}

std::string note_on(const LoadedSeries& series, const LesionReport& report, const ModelIdentity& model) {
  constexpr std::size_t most_sentences = 3;
  std::string note = small_or_empty(report);
  for (std::size_t i = 0; i < std::min(series.left_out.size(), most_sentences); ++i) {
    note += (note.empty() ? "" : " ") + series.left_out[i];
  }
  const auto unsure = unsure_of(report, model);
  return note + (note.empty() || unsure.empty() ? "" : " ") + unsure;
}

JobResult answer(const PipelineParts& parts, const PointPrompt& prompt, StageTimes& times) {
  require_usable_images(parts.archive, prompt);
  const auto earlier = earlier_rounds(parts.archive, parts.jobs, prompt);
  auto identity = identify(parts, prompt, earlier.count + 1);
  const auto uids = result_uids(identity);
  const auto stored_seg = stored_file(parts.archive, uids.seg_instance);
  if (parts.archive.instance(uids.sr_instance)) {
    return Answered{stored_seg ? std::optional(uids.seg_instance) : std::nullopt, uids.sr_instance, identity.round, ""};
  }

  auto clicks = earlier.clicks;
  clicks.insert(clicks.end(), prompt.clicks.begin(), prompt.clicks.end());
  const auto series = parts.series.get(prompt.series_instance_uid, clicked_images(clicks), times);
  const auto& geometry = series->volume.geometry;
  const auto voxels = voxels_under(clicks, geometry);
  const auto found = segment(parts, *series, voxels, previous_mask(parts.archive, earlier, geometry), times);
  identity.algorithm_parameters = parameters_of(voxels, found);

  const auto mask = stored_seg ? read_segment(stored_seg->bytes, 1, geometry) : found.mask;
  const auto report = report_on(*series, mask, found, identity.round, times);
  const auto seg = store_segmentation(parts, *series, stored_seg, mask, identity, times);
  const auto sr = store_report(parts, *series, report, seg, identity, earlier.last_report, times);
  return Answered{seg ? std::optional(seg->name.sop_instance_uid) : std::nullopt, sr, identity.round,
                  note_on(*series, report, parts.segmenter.model())};
}

}  // namespace

JobResult run_pipeline(const PipelineParts& parts, const PointPrompt& prompt, StageTimes& times) {
  const Stopwatch watch;
  const auto result = [&]() -> JobResult {
    try {
      return answer(parts, prompt, times);
    } catch (const Refusal& refusal) {
      return Refused{refusal.what()};
    } catch (const std::exception& error) {
      return Failed{error.what()};
    }
  }();
  times["total_ms"] = watch.ms();
  return result;
}

}  // namespace punctum
