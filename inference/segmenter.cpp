#include "inference/segmenter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <thread>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/embedding_cache.hpp"
#include "inference/model/firm_logit.hpp"
#include "inference/model/manifest.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/postprocess/source_mask.hpp"
#include "inference/preprocess/crop.hpp"
#include "inference/preprocess/hu_rule.hpp"

namespace punctum {
namespace {

using network::Embedding;
using network::LesionNetwork;
using network::Prediction;
using network::PromptPoints;

constexpr double click_margin_voxels = 4;  // a click nearer to the crop's face asks for the coarser crop
constexpr double coarse_must_keep = 0.6;   // of the fine mask's volume, or the fine one stands
constexpr float insisting_reach = 4;       // logits below 0 at which a repeated click still counts
constexpr float insisting_margin = 0.25F;  // and by how much it is then within the mask
constexpr double finer_margin_voxels = 4;  // nearer to its faces the fine crop sees too little around

class Stopwatch {
 public:
  double lap_ms() {
    const auto now = std::chrono::steady_clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return ms;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

torch::Device device_named(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name != "auto" && name != "cuda")
    throw ModelError("cannot use device '" + name + "': expected auto, cpu or cuda");
  if (torch::cuda::is_available()) return torch::kCUDA;
  if (name == "cuda") throw ModelError("cannot use device 'cuda': this LibTorch offers none");
  return torch::kCPU;
}

/// One click in the patient.
struct PlacedClick {
  PatientPoint place;
  std::int64_t kind;
};

/// The network's last answer on one crop.
struct CropAnswer {
  CropGrid crop;
  std::vector<float> logits;
  Prediction prediction;
};

/// What becomes the mask: the answer on the crop that holds the lesion, and a finer one of what the fine crop holds of
/// it.
struct LesionAnswer {
  CropAnswer whole;
  std::optional<CropAnswer> inside{};
};

/// Tensors of a small crop are too small to share: two threads took longer than one on two cores, and many times longer
/// when something else ran.
int fitting_threads(const NetworkConfig& network) {
  constexpr int small_crop = 64;
  if (network.crop <= small_crop) return 1;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

class NetworkSegmenter final : public Segmenter {
 public:
  NetworkSegmenter(const SegmenterOptions& options, const Manifest& manifest, LesionNetwork network)
      : identity_{manifest.name,         manifest.version, manifest.weights_digest,
                  manifest.licence,      manifest.use,     manifest.attributes_trained,
                  manifest.abstain_below},
        manifest_(manifest),
        network_(std::move(network)),
        device_(device_named(options.device)),
        threads_(options.threads > 0 ? options.threads : fitting_threads(manifest.architecture)),
        cache_(options.cached_embeddings) {
    network_->eval();
    network_->to(device_);
  }

  const ModelIdentity& model() const override { return identity_; }

  Segmentation segment(const Volume& volume, const std::string& volume_key, const std::vector<VoxelClick>& clicks,
                       const LesionMask* previous) override {
    at::set_num_threads(threads_);
    at::globalContext().setFlushDenormal(true);
    torch::InferenceMode inference;
    check_clicks(volume, clicks);
    Segmentation result{{volume.geometry, {}}, {}, 0, 0, 0, 0, 0, 0};
    const auto placed = place(volume.geometry, clicks);
    const LesionMask* earlier = previous != nullptr && previous->count() > 0 ? previous : nullptr;
    if (earlier != nullptr && earlier->voxels.size() != volume.hu.size()) {
      throw GeometryError("cannot use the previous mask: it has another grid than the series");
    }
    auto [answer, inside] = answer_on_best_crop(volume, volume_key, placed, earlier, result);
    if (clicks.size() > 1) {
      hold_a_click(answer, placed);
      if (inside) hold_a_click(*inside, placed);
    }
    Stopwatch watch;
    result.mask = mask_on_source(volume.geometry, answer.crop, answer.logits);
    if (inside) put_finer_answer(result.mask, inside->crop, inside->logits, finer_margin_voxels);
    keep_clicked_parts(result.mask, voxels_of(clicks, ClickSign::positive), voxels_of(clicks, ClickSign::negative));
    if (manifest_.mask_quality_trained) {
      result.mask_quality = torch::sigmoid(answer.prediction.quality[0][0]).item<double>();
    }
    result.crop_spacing_mm = answer.crop.spacing_mm;
    if (identity_.attributes_trained && result.mask.count() > 0) result.attributes = attributes_of(answer.prediction);
    result.postprocess_ms = watch.lap_ms();
    return result;
  }

 private:
  static void check_clicks(const Volume& volume, const std::vector<VoxelClick>& clicks) {
    bool any = false;
    for (const auto& click : clicks) {
      any |= click.sign == ClickSign::positive;
      if (volume.geometry.contains(click.voxel)) continue;
      throw GeometryError("cannot segment: the click at voxel (" + std::to_string(click.voxel.x) + ", " +
                          std::to_string(click.voxel.y) + ", " + std::to_string(click.voxel.z) +
                          ") lies outside the series");
    }
    if (!any) throw Refusal("Nothing to segment: there is no click inside the lesion, only clicks outside it.");
  }

  static std::vector<VoxelIndex> voxels_of(const std::vector<VoxelClick>& clicks, ClickSign sign) {
    std::vector<VoxelIndex> voxels;
    for (const auto& click : clicks) {
      if (click.sign == sign) voxels.push_back(click.voxel);
    }
    return voxels;
  }

  /// Negative clicks made before the first positive one are moved behind it: the crop starts with a lesion.
  static std::vector<PlacedClick> place(const SeriesGeometry& geometry, const std::vector<VoxelClick>& clicks) {
    std::vector<PlacedClick> placed;
    for (const auto& click : clicks) {
      const bool positive = click.sign == ClickSign::positive;
      placed.push_back({geometry.to_patient(click.voxel), positive ? network::kind_positive : network::kind_negative});
    }
    const auto first =
        std::find_if(placed.begin(), placed.end(), [](const auto& c) { return c.kind == network::kind_positive; });
    std::rotate(placed.begin(), first, first + 1);
    return placed;
  }

  /// The finest crop that holds the positive clicks, and a coarser one where the lesion goes on beyond it; then the
  /// fine one is asked again with the coarse mask, for it shows the border better.
  LesionAnswer answer_on_best_crop(const Volume& volume, const std::string& key, const std::vector<PlacedClick>& clicks,
                                   const LesionMask* previous, Segmentation& times) {
    std::optional<CropAnswer> finer, best;
    for (const double spacing : manifest_.architecture.spacings_mm) {
      const auto crop = CropGrid::around(clicks.front().place, spacing, manifest_.architecture.crop);
      const bool fits = std::all_of(clicks.begin(), clicks.end(), [&](const PlacedClick& click) {
        return click.kind == network::kind_negative || crop.holds(click.place, click_margin_voxels);
      });
      if (!fits) continue;
      auto answer = answer_on(volume, key, crop, clicks, previous, times);
      if (best && marked_mm3(answer) < coarse_must_keep * marked_mm3(*best)) break;
      finer = std::exchange(best, std::move(answer));
      if (!reaches_border(best->logits, crop)) break;
    }
    if (!best) throw Refusal("The clicks lie too far apart to belong to one lesion of a size that can be segmented.");
    if (!finer) return {std::move(*best)};
    const auto coarse_mask = mask_on_source(volume.geometry, best->crop, best->logits);
    auto inside = answer_on(volume, key, finer->crop, clicks, &coarse_mask, times);
    return {std::move(*best), std::move(inside)};
  }

  /// Who clicks again insists that something is there: where no positive click lies in the mask, the level falls to the
  /// one that comes nearest to it. A single click may find nothing.
  static void hold_a_click(CropAnswer& answer, const std::vector<PlacedClick>& clicks) {
    const int side_voxels = answer.crop.size;
    const auto side = static_cast<std::size_t>(side_voxels);
    float highest = -2 * insisting_reach;
    for (const auto& click : clicks) {
      if (click.kind != network::kind_positive || !answer.crop.holds(click.place, 0)) continue;
      const auto at = answer.crop.to_crop(click.place);
      // A place on the very face of the crop rounds to a voxel beyond it.
      const auto voxel = [&](double v) {
        return static_cast<std::size_t>(std::clamp(v, 0.0, side_voxels - 1.0) + 0.5);
      };
      highest = std::max(highest, answer.logits[(voxel(at.z) * side + voxel(at.y)) * side + voxel(at.x)]);
    }
    if (highest > 0 || highest < -insisting_reach) return;
    for (auto& logit : answer.logits) logit += insisting_margin - highest;
  }

  static double marked_mm3(const CropAnswer& answer) {
    const auto marked = std::count_if(answer.logits.begin(), answer.logits.end(), [](float v) { return v > 0; });
    return static_cast<double>(marked) * std::pow(answer.crop.spacing_mm, 3);
  }

  CropAnswer answer_on(const Volume& volume, const std::string& key, const CropGrid& crop,
                       const std::vector<PlacedClick>& clicks, const LesionMask* previous, Segmentation& times) {
    const auto& embedding = embedding_of(volume, key, crop, times);
    Stopwatch watch;
    auto prompt = previous != nullptr ? mask_prompt(volume.geometry, *previous, crop) : torch::Tensor();
    PromptPoints points;
    Prediction prediction;
    for (std::size_t i = 0; i < clicks.size(); ++i) {
      const auto at = crop.to_crop(clicks[i].place);
      if (!crop.holds(clicks[i].place, 0)) continue;  // a negative click elsewhere says nothing here
      const auto place =
          torch::tensor({static_cast<float>(at.z), static_cast<float>(at.y), static_cast<float>(at.x)}).view({1, 1, 3});
      const auto kind = torch::full({1, 1}, clicks[i].kind, torch::kLong);
      points = network::join(points, network_->refine(embedding, place.to(device_), kind.to(device_), prompt));
      // An earlier round's mask already answers the earlier clicks; without one they are answered in turn.
      if (previous != nullptr && i + 1 < clicks.size()) continue;
      prediction = network_->decode(embedding, points, prompt);
      prompt = prediction.feedback;
    }
    if (!prediction.logits.defined()) prediction = network_->decode(embedding, points, prompt);
    const auto logits = prediction.logits.to(torch::kCPU).contiguous();
    const float* values = logits.data_ptr<float>();
    CropAnswer answer{crop, std::vector<float>(values, values + logits.numel()), prediction};
    times.decode_ms += watch.lap_ms();
    return answer;
  }

  const Embedding& embedding_of(const Volume& volume, const std::string& key, const CropGrid& crop,
                                Segmentation& times) {
    std::ostringstream name;
    name.precision(9);
    name << key << '|' << crop.first_mm.x << '|' << crop.first_mm.y << '|' << crop.first_mm.z << '|' << crop.spacing_mm
         << '|' << identity_.digest.hex;
    if (const auto* known = cache_.find(name.str())) return *known;
    Stopwatch watch;
    auto hu = sample_hu(volume, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(hu.data(), {1, n, n, n}, torch::kFloat).to(device_);
    const auto input = network_input(cube);
    times.preprocess_ms += watch.lap_ms();
    const auto spacing = torch::full({1}, crop.spacing_mm, torch::kFloat).to(device_);
    const auto& embedding = cache_.put(name.str(), network_->encode(input, spacing));
    times.encode_ms += watch.lap_ms();
    return embedding;
  }

  torch::Tensor mask_prompt(const SeriesGeometry& geometry, const LesionMask& mask, const CropGrid& crop) const {
    auto share = sample_mask(geometry, mask.voxels, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(share.data(), {1, 1, n, n, n}, torch::kFloat).to(device_);
    return network_->as_prompt((cube * 2 - 1) * network::firm_logit);
  }

  std::vector<AttributeFinding> attributes_of(const Prediction& prediction) const {
    std::vector<AttributeFinding> findings;
    std::int64_t at = 0;
    for (std::size_t g = 0; g < manifest_.architecture.attribute_groups.size(); ++g) {
      const auto count = manifest_.architecture.attribute_groups[g];
      const auto logits = prediction.attributes[0].narrow(0, at, count) / manifest_.temperatures[g];
      const auto p = torch::softmax(logits, 0).to(torch::kCPU, torch::kDouble).contiguous();
      findings.push_back(
          {static_cast<Attribute>(g), std::vector<double>(p.data_ptr<double>(), p.data_ptr<double>() + count)});
      at += count;
    }
    return findings;
  }

  ModelIdentity identity_;
  Manifest manifest_;
  LesionNetwork network_;
  torch::Device device_;
  int threads_;
  EmbeddingCache cache_;
};

/// The heads must speak the vocabulary of the report.
void check_vocabulary(const NetworkConfig& architecture) {
  std::vector<int> wanted;
  for (const auto& words : attribute_vocabulary()) wanted.push_back(static_cast<int>(words.labels.size()));
  if (architecture.attribute_groups != wanted)
    throw ModelError("cannot load model: its attribute groups are not those of the report");
}

void check_use(const Manifest& manifest, const SegmenterOptions& options) {
  const auto& allowed = options.allowed_uses;
  if (std::find(allowed.begin(), allowed.end(), manifest.use) != allowed.end()) return;
  std::string text = "cannot load model " + options.model_folder.string() + ": its licence class is \"" + manifest.use;
  text += "\" (" + manifest.licence + "), which /inference/licences of the configuration does not list";
  throw ModelError(text);
}

}  // namespace

std::unique_ptr<Segmenter> Segmenter::load(const SegmenterOptions& options) {
  const auto manifest = read_manifest(options.model_folder / "manifest.json");
  check_use(manifest, options);
  check_vocabulary(manifest.architecture);
  const auto weights_path = options.model_folder / manifest.weights_file;
  if (!std::filesystem::is_regular_file(weights_path)) {
    throw ModelError("cannot load model: " + weights_path.string() + " is missing");
  }
  const auto digest = sha256_of_file(weights_path);
  if (digest != manifest.weights_digest) {
    throw ModelError("cannot load weights " + weights_path.string() + ": they are damaged: found digest " + digest.hex +
                     ", expected " + manifest.weights_digest.hex);
  }
  LesionNetwork network(manifest.architecture);
  network::assign_weights(network, read_safetensors(weights_path));
  return std::make_unique<NetworkSegmenter>(options, manifest, std::move(network));
}

}  // namespace punctum
