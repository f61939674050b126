#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inference/evaluation/statistics.hpp"
#include "inference/evaluation/trial.hpp"

namespace punctum {

/// What an empty result costs in the mean surface distance: the diagonal of 64 voxels of 1.5 mm, the larger crop of
/// `compact`. One number for all models, or a smaller crop would make a model look better.
inline constexpr double empty_penalty_mm = 166.3;
/// A click that lowers DSC by more than this has made it worse.
inline constexpr double lowered_by = 0.01;

using TrialRefs = std::vector<const CaseTrial*>;

/// All lesions after the same number of clicks.
struct ClickScore {
  int clicks = 1;
  Estimate dice;
  Estimate crop_dice;  ///< on the crop's grid; of the lesions that have it
  double median_dice = 0;
  Estimate nsd;
  Estimate hd95_penalised_mm;      ///< an empty result counts as empty_penalty_mm
  double median_hd95_mm = 0;       ///< over results that are not empty
  std::size_t empty = 0;           ///< nothing segmented
  Estimate iou_error;              ///< of stated and true IoU, absolute; no count if the model states none
  std::optional<double> iou_rank;  ///< Spearman's, of the same
  VoxelReliability voxels;         ///< of all lesions together
};

/// How many clicks it takes to reach a DSC (NoC@80 and so on).
struct ReachScore {
  double dice = 0.8;
  Estimate clicks;  ///< a lesion that never gets there counts as the cap
  std::size_t failures = 0;
  int cap = 10;
};

/// A set of lesions by one protocol.
struct ProtocolScore {
  std::size_t lesions = 0, patients = 0;
  std::vector<ClickScore> after;  ///< 1, 3, 5, 10 and the last
  std::vector<Estimate> curve;    ///< mean DSC after click 1, 2, ...
  Estimate area_1_to_5;           ///< under the curve of DSC over clicks, divided by its width: 0 to 1
  std::vector<ReachScore> reach;  ///< 0.80, 0.85, 0.90
  Estimate lowered;               ///< share of further clicks that lower DSC
  Estimate obeyed;                ///< share of clicks that the result obeys
  std::size_t refused = 0;        ///< clicks that the node would have refused
  double first_click_ms = 0, further_click_ms = 0;  ///< median; the first includes encoding
};

std::vector<int> reported_clicks(int clicks);
ClickScore score_after(const TrialRefs& trials, int clicks);
ProtocolScore score_protocol(const TrialRefs& trials, int clicks);

/// The first of protocols() that the run has trials of; empty if it has none.
std::string_view headline_of(const EvaluationRun& run);
/// The trials of one protocol.
TrialRefs trials_of(const EvaluationRun& run, std::string_view protocol);

/// A part of the lesions: of one size, one type, one label.
struct Part {
  std::string by, value;  ///< "size", "0.5 to 5 ml"
  TrialRefs trials;
};
/// By group, type, size and the labels of every attribute; parts without lesions are left out.
std::vector<Part> parts_of(const TrialRefs& trials);

}  // namespace punctum
