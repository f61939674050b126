#pragma once

#include "inference/model/layers.hpp"
#include "inference/model/network_config.hpp"

namespace punctum::network {

/// Self-attention over a cube of tokens with relative positions decomposed by axis.
/// x: [B, S, S, S, W] -> same.
struct CubeAttentionImpl : torch::nn::Module {
  CubeAttentionImpl(int width, int heads, int side);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Linear qkv{nullptr}, proj{nullptr};
  torch::Tensor rel_pos_d, rel_pos_h, rel_pos_w;  // [2 S - 1, W / heads]
  torch::Tensor distance_;                        // [S, S] index into the tables
  int heads_, side_;
};
TORCH_MODULE(CubeAttention);

/// Pre-norm transformer block; window 0 attends to the whole grid, otherwise to cubes of that side, the last of which
/// are filled up with zeros where they reach beyond the grid.
/// x: [B, G, G, G, W] -> same.
struct EncoderBlockImpl : torch::nn::Module {
  EncoderBlockImpl(int width, int heads, int mlp_ratio, int grid, int window);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  CubeAttention attn{nullptr};
  FeedForward mlp{nullptr};

 private:
  torch::Tensor attend_in_windows(const torch::Tensor& x);
  int window_;
};
TORCH_MODULE(EncoderBlock);

/// The ViT's blocks: windows, but for the global ones.
torch::nn::ModuleList encoder_blocks(const NetworkConfig& config);
/// From the ViT's width to the decoder's channels. [B, W, G, G, G] -> [B, C, G, G, G]
torch::nn::Sequential encoder_neck(const NetworkConfig& config);

/// Two strided convolutions, a residual block after each: features at half and at a quarter of the resolution.
struct StemImpl : torch::nn::Module {
  StemImpl(int in, int channels);
  /// image: [B, 2, S, S, S] -> { [B, c, S/2 ...], [B, 2 c, S/4 ...] }.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& image);
  torch::nn::Conv3d half{nullptr}, quarter{nullptr};
  torch::nn::GroupNorm half_norm{nullptr}, quarter_norm{nullptr};
  ResidualBlock3d half_block{nullptr}, quarter_block{nullptr};
};
TORCH_MODULE(Stem);

/// What the encoder knows of a crop; everything that later clicks need of it.
struct EncodedImage {
  torch::Tensor tokens;   // [B, C, G, G, G]
  torch::Tensor quarter;  // [B, 2 c, S/4, S/4, S/4]
  torch::Tensor half;     // [B, c, S/2, S/2, S/2]
};

/// The ViT: windows mostly, the whole grid in between; isotropic features, then a neck to C channels.
struct ImageEncoderImpl : torch::nn::Module {
  explicit ImageEncoderImpl(const NetworkConfig& config);
  /// image: [B, 2, S, S, S], spacing_mm: [B].
  EncodedImage forward(const torch::Tensor& image, const torch::Tensor& spacing_mm);
  Stem stem{nullptr};
  torch::nn::ModuleDict patch_embed;
  torch::Tensor pos_embed;  // [1, G, G, G, W]
  torch::nn::Linear spacing_embed{nullptr};
  torch::nn::ModuleList blocks;
  torch::nn::Sequential neck;
  bool from_stem_;
};
TORCH_MODULE(ImageEncoder);

}  // namespace punctum::network
