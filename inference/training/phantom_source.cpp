#include "inference/phantom/phantom.hpp"
#include "inference/training/training_source.hpp"

namespace punctum {

TrainingCrop as_training_crop(PhantomSample sample) {
  return {sample.size, sample.spacing_mm, std::move(sample.hu), std::move(sample.truth), sample.labels};
}

TrainingSource phantom_source() {
  TrainingSource source;
  source.name = "phantoms";
  source.licence = "Apache-2.0";
  source.statement = "Synthetic lesions in synthetic bodies, made by this project; no patient data.";
  source.crops = [](const CropRequest& request) {
    return as_training_crop(request.background ? phantom_background_crop(request.seed, request.size, request.spacing_mm)
                                               : phantom_crop(request.seed, request.size, request.spacing_mm));
  };
  return source;
}

}  // namespace punctum
