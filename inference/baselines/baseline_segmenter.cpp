#include "inference/baselines/baseline_segmenter.hpp"

#include <algorithm>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/baselines/click_network.hpp"
#include "inference/lesion_question.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/preprocess/hu_rule.hpp"

namespace punctum {
namespace {

using namespace network;

class BaselineSegmenter final : public Segmenter {
 public:
  BaselineSegmenter(const SegmenterOptions& options, const BaselineManifest& manifest,
                    std::shared_ptr<ClickNetwork> network)
      : identity_{manifest.architecture.baseline + " " + manifest.architecture.name,
                  manifest.version,
                  manifest.weights_digest,
                  manifest.licence,
                  manifest.use,
                  network->architecture().names(),
                  manifest.abstain_below},
        temperatures_(manifest.temperatures),
        network_(std::move(network)),
        threads_(std::max(1, options.threads)) {
    network_->module().eval();
  }

  const ModelIdentity& model() const override { return identity_; }

  Segmentation segment(const Volume& volume, const std::string&, const std::vector<VoxelClick>& clicks,
                       const LesionMask* previous) override {
    at::set_num_threads(threads_);
    at::globalContext().setFlushDenormal(true);
    torch::InferenceMode inference;
    Segmentation result{{volume.geometry, {}}, {}, 0, 0, 0, 0, 0, 0};
    LesionQuestion question(volume.geometry, clicks, previous);
    const auto encode = [&](const CropGrid& crop) { return embedding_of(volume, crop); };
    if (network_->architecture().marks()) {
      auto answer = question.ask(*network_, encode);
      result.crop_spacing_mm = answer.whole.crop.spacing_mm;
      result.probabilities = probabilities_of(answer);
      result.mask = question.mask_of(std::move(answer));
    } else {
      const auto crop = question.crop_at(network_->spacings_mm().front(), network_->crop());
      const auto answer = question.ask_on(*network_, encode, crop);
      result.crop_spacing_mm = crop.spacing_mm;
      result.mask.voxels.assign(volume.hu.size(), 0);
      result.attributes =
          findings_of(answer.prediction.attributes, network_->architecture().attribute_groups(), temperatures_);
    }
    return result;
  }

 private:
  Embedding embedding_of(const Volume& volume, const CropGrid& crop) {
    auto hu = sample_hu(volume, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(hu.data(), {1, n, n, n}, torch::kFloat);
    return network_->encode(network_input(cube).contiguous(), torch::full({1}, crop.spacing_mm, torch::kFloat));
  }

  ModelIdentity identity_;
  std::vector<double> temperatures_;
  std::shared_ptr<ClickNetwork> network_;
  int threads_;
};

}  // namespace

std::unique_ptr<Segmenter> load_baseline(const SegmenterOptions& options, const BaselineManifest& manifest) {
  const auto weights = options.model_folder / "weights.safetensors";
  if (!std::filesystem::is_regular_file(weights)) {
    throw ModelError("cannot load baseline: " + weights.string() + " is missing");
  }
  if (sha256_of_file(weights) != manifest.weights_digest) {
    throw ModelError("cannot load baseline: " + weights.string() + " is damaged: its digest is not the manifest's");
  }
  auto network = make_click_network({manifest.architecture});
  assign_weights(network->module(), read_safetensors(weights));
  return std::make_unique<BaselineSegmenter>(options, manifest, std::move(network));
}

}  // namespace punctum
