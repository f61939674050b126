#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace punctum {

/// Every hyper-parameter of the network; stands in the manifest beside the weights. One code builds all sizes.
struct NetworkConfig {
  std::string name = "compact";
  int crop = 48;                              ///< voxels per side of the cube that the network sees
  std::vector<double> spacings_mm{1.5, 3.0};  ///< voxel sizes at which lesions are looked for, finest first
  double detail_mm = 0;                       ///< voxel size of a closer look at a small lesion; 0: it takes none
  int patch = 8;                              ///< voxels per token and side
  int input_channels = 2;
  std::string stem = "conv";  ///< "conv": tokens from the stem's features; "patchify": straight from the image
  int stem_channels = 32;     ///< at half resolution; twice as many at a quarter
  int width = 144;            ///< of the image encoder
  int depth = 6;
  int heads = 6;
  int window = 3;                        ///< tokens per side of a local attention window; divides the grid
  std::vector<int> global_blocks{2, 5};  ///< these blocks attend to the whole grid
  int mlp_ratio = 4;
  int channels = 128;  ///< of neck, prompts and decoder
  int decoder_depth = 2;
  int decoder_heads = 4;
  int decoder_mlp = 256;
  int mask_tokens = 4;
  int quarter_channels = 48;  ///< of the mask head's work at a quarter of the resolution
  int half_channels = 16;     ///< and at half of it
  std::vector<int> attribute_groups{4, 3, 2, 2, 2};
  bool refinement = true;  ///< point refinement by clustering; variant switch
  bool synergy = true;     ///< two-way exchange of mask and attribute features; variant switch
  int clusters = 3;        ///< k of the K-means
  double lattice_radius_mm = 9;
  double lattice_step_mm = 3;
  double same_label_cosine = 0.7;  ///< clusters at least this similar to the click's own inherit its label
  double synergy_gain = 0;         ///< of the exchange before training (eq. 3); 0: it begins as no exchange
  /// SAM-Med3D's network instead, with its quirks (SamMed3d); what it has no use for is ignored.
  bool sammed3d_compat = false;

  int grid() const { return crop / patch; }
  int attribute_logits() const;

  static NetworkConfig tiny();      ///< to learn something in minutes: tests and studies
  static NetworkConfig compact();   ///< what ships
  static NetworkConfig base();      ///< 128 voxels, patch 16, 12 blocks of 768: the size of the paper's family
  static NetworkConfig sammed3d();  ///< SAM-Med3D's released network (vit_b_ori), one size with base
  /// @throws ModelError for another name than "tiny", "compact" and "base".
  static NetworkConfig named(const std::string& size);
  /// @throws ModelError naming the first contradiction (window that does not divide the grid, ...).
  void check() const;
};

void to_json(nlohmann::json& json, const NetworkConfig& config);
/// @throws ModelError on a missing, unknown or mistyped field.
void from_json(const nlohmann::json& json, NetworkConfig& config);

}  // namespace punctum
