#include "inference/phantom/phantom.hpp"
#include "inference/training/training_source.hpp"

namespace punctum {

TrainingSource phantom_source() {
  TrainingSource source;
  source.name = "phantoms";
  source.licence = "Apache-2.0";
  source.statement = "Synthetic lesions in synthetic bodies, made by this project; no patient data.";
  source.crops = [](const CropRequest& request) {
    auto sample = request.background ? phantom_background_crop(request.seed, request.size, request.spacing_mm)
                                     : phantom_crop(request.seed, request.size, request.spacing_mm);
    return TrainingCrop{sample.size, sample.spacing_mm, std::move(sample.hu), std::move(sample.truth), sample.labels};
  };
  return source;
}

}  // namespace punctum
