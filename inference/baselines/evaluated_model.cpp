#include "inference/baselines/evaluated_model.hpp"

#include "inference/baselines/baseline_segmenter.hpp"
#include "inference/model/manifest.hpp"

namespace punctum {

EvaluatedModel load_for_evaluation(const SegmenterOptions& options) {
  const auto path = options.model_folder / "manifest.json";
  if (!holds_baseline(options.model_folder)) {
    auto segmenter = Segmenter::load(options);
    const auto manifest = read_manifest(path);
    return {std::move(segmenter), manifest.temperatures, manifest.abstain_below, true};
  }
  const auto manifest = read_baseline_manifest(path);
  const bool marks = Architecture{manifest.architecture}.marks();
  return {load_baseline(options, manifest), manifest.temperatures, manifest.abstain_below, marks};
}

}  // namespace punctum
