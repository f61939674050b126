#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inference/evaluation/evaluation_case.hpp"
#include "inference/evaluation/simulated_click.hpp"
#include "inference/evaluation/voxel_reliability.hpp"

namespace punctum {

/// How further clicks reach the network.
enum class ClickDelivery {
  rounds,   ///< as in the node, a presentation state a click: all clicks so far, and the last round's mask
  together  ///< as if the reader had set all clicks in one presentation state: no mask between them
};

struct Protocol {
  std::string_view name;
  ClickPolicy policy = ClickPolicy::jittered;
  ClickDelivery delivery = ClickDelivery::rounds;
  std::string_view meaning;  ///< for the report
};

/// The first is the headline: a jittered first click, further ones as rounds of the node.
const std::array<Protocol, 4>& protocols();
/// @return nothing for an unknown name.
const Protocol* protocol_named(std::string_view name);

/// A probability per label of each attribute; none if the heads are untrained or nothing was segmented.
using Answers = std::vector<std::vector<double>>;

/// One lesion after one more click.
struct ClickOutcome {
  VoxelClick click;
  double dice = 0;                    ///< on the grid of the series
  std::optional<double> crop_dice{};  ///< on the grid of the finest crop (crop_truth.hpp)
  double hd95_mm = 0;                 ///< infinite if nothing was segmented
  double nsd = 0;
  double stated_iou = 0;  ///< the network's own estimate; 0: none
  bool obeyed = true;     ///< a positive click lies in the result, a negative one outside
  bool refused = false;   ///< the node would have refused this click; the result before it stands
  double crop_spacing_mm = 0;
  double encode_ms = 0;  ///< 0 if the crop was known
  double total_ms = 0;
  Answers answers;
  VoxelReliability voxels{};  ///< near the border of the truth

  double iou() const { return dice / (2 - dice); }
};

/// One lesion by one protocol, click after click.
struct CaseTrial {
  std::string id, patient, type, group, series;
  std::string protocol;
  double volume_ml = 0;
  std::array<int, attribute_count> labels{};  ///< the truth; -1: unknown
  std::vector<ClickOutcome> outcomes;  ///< fewer than asked for if the mask became perfect or a click was refused
  Answers answers_given_truth;         ///< first click, with the true mask as the last round's; headline only

  /// What stands after so many clicks. Of a lesion that needed fewer, the last one.
  const ClickOutcome& after(int clicks) const;
};

/// A click where no lesion is: nothing should come back, or little.
struct PlainClick {
  std::string series;
  VoxelIndex voxel;
  double answer_ml = 0;
};

/// What was tried on one series.
struct SeriesTrials {
  std::vector<CaseTrial> lesions;
  std::vector<PlainClick> plain;
};

/// What all trials of one run have in common.
struct EvaluationRun {
  std::string model, version, digest;
  std::array<double, attribute_count> temperatures{1, 1, 1, 1, 1};  ///< already in the answers
  std::array<double, attribute_count> abstain_below{};              ///< of the manifest; 0: never
  std::optional<double> mask_level;                                 ///< none: from before it was written down
  std::string data, data_digest;                                    ///< CaseSource's
  int clicks = 10;
  std::uint64_t seed = 1;
  bool marks = true;  ///< false: a baseline that gives no masks; what the trials say of them means nothing
  std::vector<CaseTrial> trials;
  std::vector<PlainClick> plain;
};

}  // namespace punctum
