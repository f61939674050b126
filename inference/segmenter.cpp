#include "inference/segmenter.hpp"

#include <algorithm>
#include <sstream>
#include <thread>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/embedding_cache.hpp"
#include "inference/lap_watch.hpp"
#include "inference/lesion_question.hpp"
#include "inference/load_network.hpp"
#include "inference/model/device.hpp"
#include "inference/model/manifest.hpp"
#include "inference/preprocess/crop.hpp"
#include "inference/preprocess/hu_rule.hpp"

namespace punctum {
namespace {

/// Tensors of a small crop are too small to share: two threads took longer than one on two cores, and many times longer
/// when something else ran.
int fitting_threads(int crop) {
  constexpr int small_crop = 64;
  if (crop <= small_crop) return 1;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

class NetworkSegmenter final : public Segmenter {
 public:
  NetworkSegmenter(const SegmenterOptions& options, const Manifest& manifest)
      : identity_{manifest.name,          manifest.version,   manifest.weights_digest,
                  manifest.licence,       manifest.use,       manifest.attributes_trained,
                  manifest.abstain_below, manifest.mask_level},
        manifest_(manifest),
        device_(network::device_named(options.device)),
        network_(load_network(manifest, options.model_folder / manifest.weights_file, device_)),
        threads_(options.threads > 0 ? options.threads : fitting_threads(manifest.crop())),
        cache_(options.cached_embeddings) {}

  const ModelIdentity& model() const override { return identity_; }

  Segmentation segment(const Volume& volume, const std::string& volume_key, const std::vector<VoxelClick>& clicks,
                       const LesionMask* previous) override {
    at::set_num_threads(threads_);
    at::globalContext().setFlushDenormal(true);
    torch::InferenceMode inference;
    Segmentation result{{volume.geometry, {}}, {}, 0, 0, 0, 0, 0, 0};
    LesionQuestion question(volume.geometry, clicks, previous, manifest_.mask_level);
    auto answer =
        question.ask(*network_, [&](const CropGrid& crop) { return embedding_of(volume, volume_key, crop, result); });
    result.decode_ms = question.decode_ms();
    LapWatch watch;
    result.crop_spacing_mm = answer.whole.crop.spacing_mm;
    const auto prediction = answer.whole.prediction;
    result.probabilities = probabilities_of(answer);
    result.mask = question.mask_of(std::move(answer));
    if (manifest_.mask_quality_trained) {
      result.mask_quality = torch::sigmoid(prediction.quality[0][0]).item<double>();
    }
    if (identity_.attributes_trained && result.mask.count() > 0) {
      result.attributes = findings_of(prediction.attributes, manifest_.attribute_groups(), manifest_.temperatures);
    }
    result.postprocess_ms = watch.lap_ms();
    return result;
  }

 private:
  network::Embedding embedding_of(const Volume& volume, const std::string& key, const CropGrid& crop,
                                  Segmentation& times) {
    std::ostringstream name;
    name.precision(9);
    name << key << '|' << crop.first_mm.x << '|' << crop.first_mm.y << '|' << crop.first_mm.z << '|' << crop.spacing_mm
         << '|' << identity_.digest.hex;
    if (const auto* known = cache_.find(name.str())) return *known;
    LapWatch watch;
    auto hu = sample_hu(volume, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(hu.data(), {1, n, n, n}, torch::kFloat).to(device_);
    const auto input = network_input(cube, manifest_.hu_rule());
    times.preprocess_ms += watch.lap_ms();
    const auto spacing = torch::full({1}, crop.spacing_mm, torch::kFloat).to(device_);
    const auto& embedding = cache_.put(name.str(), network_->encode(input, spacing));
    times.encode_ms += watch.lap_ms();
    return embedding;
  }

  ModelIdentity identity_;
  Manifest manifest_;
  torch::Device device_;
  std::shared_ptr<network::AnsweringNetwork> network_;
  int threads_;
  EmbeddingCache cache_;
};

/// The heads must speak the vocabulary of the report.
void check_vocabulary(const Manifest& manifest) {
  std::vector<int> wanted;
  for (const auto& words : attribute_vocabulary()) wanted.push_back(static_cast<int>(words.labels.size()));
  if (manifest.attribute_groups() != wanted)
    throw ModelError("cannot load model: its attribute groups are not those of the report");
}

void check_use(const Manifest& manifest, const SegmenterOptions& options) {
  const auto& allowed = options.allowed_uses;
  if (std::find(allowed.begin(), allowed.end(), manifest.use) != allowed.end()) return;
  std::string text = "cannot load model " + options.model_folder.string() + ": its licence class is \"" + manifest.use;
  text += "\" (" + manifest.licence + "), which /inference/licences of the configuration does not list";
  throw ModelError(text);
}

/// A TorchScript program can do what this process can: it is not even read before this.
void check_allowed(const Digest& digest, const SegmenterOptions& options) {
  const auto& allowed = options.allowed_scripts;
  if (std::find(allowed.begin(), allowed.end(), digest.hex) != allowed.end()) return;
  throw ModelError("cannot load model " + options.model_folder.string() + ": it is a TorchScript program of digest " +
                   digest.hex + ", which is not among those allowed (/inference/scripts of a node's configuration, " +
                   "--trust of punctum evaluate)");
}

}  // namespace

std::unique_ptr<Segmenter> Segmenter::load(const SegmenterOptions& options) {
  const auto manifest = read_manifest(options.model_folder / "manifest.json");
  check_use(manifest, options);
  check_vocabulary(manifest);
  const auto weights_path = options.model_folder / manifest.weights_file;
  if (!std::filesystem::is_regular_file(weights_path)) {
    throw ModelError("cannot load model: " + weights_path.string() + " is missing");
  }
  const auto digest = sha256_of_file(weights_path);
  if (digest != manifest.weights_digest) {
    throw ModelError("cannot load weights " + weights_path.string() + ": they are damaged: found digest " + digest.hex +
                     ", expected " + manifest.weights_digest.hex);
  }
  if (manifest.script() != nullptr) check_allowed(digest, options);
  return std::make_unique<NetworkSegmenter>(options, manifest);
}

}  // namespace punctum
