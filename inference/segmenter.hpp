#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/lesion_report.hpp"
#include "dicom/findings/point_prompt.hpp"
#include "dicom/geometry/volume.hpp"
#include "dicom/types/digest.hpp"
#include "inference/preprocess/crop.hpp"

namespace punctum {

/// A click in the volume.
struct VoxelClick {
  VoxelIndex voxel;
  ClickSign sign = ClickSign::positive;
};

struct ModelIdentity {
  std::string name;  ///< "compact"
  std::string version;
  Digest digest;        ///< SHA-256 of the weights file
  std::string licence;  ///< SPDX expression
  std::string use;      ///< "commercial" or "research"
  bool attributes_trained = true;
  std::vector<double> abstain_below{};  ///< one an attribute: an answer with less probability is too unsure to rely on
  double mask_level = 0;                ///< logits above it are lesion
};

struct SegmenterOptions {
  std::filesystem::path model_folder;  ///< holds manifest.json and weights.safetensors
  std::string device = "auto";         ///< "auto", "cpu" or "cuda"
  int threads = 0;                     ///< 0: one for small crops, else what the machine has
  std::size_t cached_embeddings = 32;  ///< crops kept, least recently used leaves first
  std::vector<std::string> allowed_uses{"commercial", "research"};  ///< models of other classes are refused
  std::vector<std::string> allowed_scripts{};                       ///< SHA-256 of TorchScript programs that may run
};

/// How sure the network is that a voxel is lesion, on the finest crop that it was asked about.
struct VoxelProbabilities {
  CropGrid crop;
  /// size³, 0 to 1; none from a network that gives no masks. The mask is what is above 0.5, but for parts that nobody
  /// clicked and places that a repeated click insists on.
  std::vector<float> values;
};

struct Segmentation {
  LesionMask mask;  ///< may be empty: then the network found nothing at the click
  std::vector<AttributeFinding> attributes;
  double mask_quality = 0;     ///< 0 also when the model's estimate is not worth repeating
  double crop_spacing_mm = 0;  ///< of the crop that gave the mask
  double preprocess_ms = 0, encode_ms = 0, decode_ms = 0, postprocess_ms = 0;
  VoxelProbabilities probabilities{};
};

/// The network at work: volume and clicks in, mask on the source grid and attributes out. Job thread only.
class Segmenter {
 public:
  /// @throws ModelError naming file, found and expected: missing, damaged (digest), unknown architecture, NaN,
  /// of a licence class that is not allowed.
  static std::unique_ptr<Segmenter> load(const SegmenterOptions& options);
  virtual ~Segmenter() = default;

  virtual const ModelIdentity& model() const = 0;

  /// @param volume_key names the content of the volume; equal keys share cached embeddings.
  /// @param clicks at least one positive; in the order in which they were made, all rounds together.
  /// @param previous the mask of the previous round, if any; becomes the mask prompt.
  /// @throws ModelError; GeometryError for a click outside the volume or a mask on another grid; Refusal without a
  /// positive click, or for clicks too far apart.
  virtual Segmentation segment(const Volume& volume, const std::string& volume_key,
                               const std::vector<VoxelClick>& clicks, const LesionMask* previous) = 0;
};

}  // namespace punctum
