#pragma once

#include <string>

#include "inference/training/training_crop.hpp"

namespace punctum {

struct PhantomSample;

/// One kind of training data and how much of it is wanted.
struct TrainingSource {
  std::string name;                ///< "phantoms", "rendered", "sarcomas"; in the log and in the manifest
  CropSource crops;                ///< training crops; evaluation seeds never reach it
  CropSource held_out;             ///< of other patients, for validation; empty: evaluation seeds of `crops`, if
  bool unseen_by_seed = true;      ///< what another seed gives was not trained on
  double share = 1;                ///< of all samples, relative to the other sources
  double coarse_share = 0.25;      ///< at the coarser spacing
  double detail_share = 0;         ///< at the spacing of the closer look, if the network takes one: small lesions
  double background_share = 0.15;  ///< clicks into plain tissue
  std::string licence;             ///< SPDX expression of what it was made from
  std::string statement;           ///< one sentence: what it is and where it comes from
};

/// Synthetic lesions in synthetic bodies. Requests for evaluation seeds are honoured: who trains does not make them.
TrainingSource phantom_source();
TrainingCrop as_training_crop(PhantomSample sample);

}  // namespace punctum
