#include "inference/phantom/phantom.hpp"
#include "inference/training/train.hpp"

namespace punctum {

CropSource phantom_source() {
  return [](const CropRequest& request) {
    auto sample = request.background ? phantom_background_crop(request.seed, request.size, request.spacing_mm)
                                     : phantom_crop(request.seed, request.size, request.spacing_mm);
    TrainingCrop crop;
    crop.size = sample.size;
    crop.spacing_mm = sample.spacing_mm;
    crop.hu = std::move(sample.hu);
    crop.truth = std::move(sample.truth);
    crop.labels = sample.labels;
    return crop;
  };
}

}  // namespace punctum
