#include "node/tools/worst_lesions.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/evaluation/click_scores.hpp"
#include "inference/evaluation/reliability.hpp"
#include "inference/evaluation/run_trial.hpp"
#include "node/tools/overlay_picture.hpp"

namespace punctum {
namespace {

TrialRefs worst_of(const EvaluationRun& run, std::size_t count) {
  auto trials = trials_of(run, headline_of(run));
  std::stable_sort(trials.begin(), trials.end(),
                   [](const auto* a, const auto* b) { return a->after(1).dice < b->after(1).dice; });
  trials.resize(std::min(trials.size(), count));
  return trials;
}

std::string label_of(const CaseTrial& trial, std::size_t attribute) {
  const int label = trial.labels[attribute];
  return label < 0 ? "unknown" : std::string(attribute_vocabulary()[attribute].labels[static_cast<std::size_t>(label)]);
}

std::string named_of(const CaseTrial& trial, std::size_t attribute) {
  const auto& answers = trial.after(1).answers;
  if (answers.empty()) return "nothing";
  const Answer answer{answers[attribute], 0};
  return std::format("{} {:.0f} %", attribute_vocabulary()[attribute].labels[answer.best()], 100 * answer.confidence());
}

std::vector<std::string> legend_of(const CaseTrial& trial) {
  std::vector<std::string> lines{std::format("{:.2f} ml, {}", trial.volume_ml, trial.type),
                                 std::format("DSC {:.2f} / {:.2f} / {:.2f} after 1 / 3 / 5 clicks", trial.after(1).dice,
                                             trial.after(3).dice, trial.after(5).dice),
                                 "orange: answer after 1 click; green: truth"};
  for (std::size_t a = 0; a < attribute_count; ++a) {
    lines.push_back(std::format("{}, named {}", label_of(trial, a), named_of(trial, a)));
  }
  return lines;
}

EvaluationCase case_of(const CaseSource& source, const CaseTrial& trial) {
  const auto series = std::find(source.series.begin(), source.series.end(), trial.series);
  if (series != source.series.end()) {
    for (auto& lesion : source.load(static_cast<std::size_t>(series - source.series.begin()))) {
      if (lesion.id == trial.id) return std::move(lesion);
    }
  }
  throw StorageError("cannot draw " + trial.id + ": its source no longer has this lesion");
}

/// Ids may hold what a path must not.
std::string file_name(std::size_t rank, const std::string& id) {
  std::string safe;
  for (const char c : id) safe += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '-';
  return std::format("worst-{:02}-{}.png", rank, safe);
}

}  // namespace

std::vector<std::string> draw_worst_lesions(Segmenter& segmenter, const CaseSource& source, const EvaluationRun& run,
                                            std::size_t count, const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto* trial : worst_of(run, count)) {
    const auto lesion = case_of(source, *trial);
    const auto mask = replay(segmenter, lesion, *trial, 1);
    const auto& click = trial->outcomes.front().click;
    OverlayOptions options;
    options.clicks = {{lesion.volume->geometry.to_patient(click.voxel), click.sign}};
    options.truth = &lesion.truth;
    options.title = trial->id;
    options.legend = legend_of(*trial);
    files.push_back(file_name(files.size() + 1, trial->id));
    write_png(draw_lesion_overlay(*lesion.volume, mask, options), folder / files.back());
  }
  return files;
}

}  // namespace punctum
