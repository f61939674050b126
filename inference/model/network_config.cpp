#include "inference/model/network_config.hpp"

#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string_view>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// Calls visit(name, field) for every field, so that reading, writing and the check for unknown names share one list.
template <class Config, class Visit>
void each_field(Config& c, Visit visit) {
  visit("name", c.name);
  visit("crop", c.crop);
  visit("spacings_mm", c.spacings_mm);
  visit("detail_mm", c.detail_mm);
  visit("patch", c.patch);
  visit("input_channels", c.input_channels);
  visit("stem", c.stem);
  visit("stem_channels", c.stem_channels);
  visit("width", c.width);
  visit("depth", c.depth);
  visit("heads", c.heads);
  visit("window", c.window);
  visit("global_blocks", c.global_blocks);
  visit("mlp_ratio", c.mlp_ratio);
  visit("channels", c.channels);
  visit("decoder_depth", c.decoder_depth);
  visit("decoder_heads", c.decoder_heads);
  visit("decoder_mlp", c.decoder_mlp);
  visit("mask_tokens", c.mask_tokens);
  visit("quarter_channels", c.quarter_channels);
  visit("half_channels", c.half_channels);
  visit("attribute_groups", c.attribute_groups);
  visit("refinement", c.refinement);
  visit("synergy", c.synergy);
  visit("clusters", c.clusters);
  visit("lattice_radius_mm", c.lattice_radius_mm);
  visit("lattice_step_mm", c.lattice_step_mm);
  visit("same_label_cosine", c.same_label_cosine);
  visit("synergy_gain", c.synergy_gain);
  visit("sammed3d_compat", c.sammed3d_compat);
}

/// Manifests from before there were such fields mean their defaults.
const std::set<std::string_view> younger_fields{"detail_mm", "synergy_gain", "sammed3d_compat"};

void require(bool holds, const std::string& what) {
  if (!holds) throw ModelError("cannot build network: " + what);
}

[[noreturn]] void refuse_field(std::string_view name, std::string_view complaint) {
  std::string text = "cannot build network: architecture field '";
  text.append(name).append("' ").append(complaint);
  throw ModelError(text);
}

}  // namespace

int NetworkConfig::attribute_logits() const {
  return std::accumulate(attribute_groups.begin(), attribute_groups.end(), 0);
}

NetworkConfig NetworkConfig::tiny() {
  NetworkConfig c;
  c.name = "tiny";
  c.stem_channels = 16;
  c.width = 96;
  c.depth = 4;
  c.heads = 4;
  c.global_blocks = {1, 3};
  c.mlp_ratio = 2;
  c.channels = 64;
  c.decoder_mlp = 128;
  c.quarter_channels = 32;
  c.half_channels = 16;
  return c;
}

NetworkConfig NetworkConfig::compact() {
  NetworkConfig c;
  c.detail_mm = 0.75;
  return c;
}

NetworkConfig NetworkConfig::base() {
  NetworkConfig c;
  c.name = "base";
  c.crop = 128;
  c.patch = 16;
  c.stem = "patchify";
  c.width = 768;
  c.depth = 12;
  c.heads = 12;
  c.window = 4;
  c.global_blocks = {2, 5, 8, 11};
  c.channels = 384;
  c.decoder_heads = 8;
  c.decoder_mlp = 2048;
  return c;
}

NetworkConfig NetworkConfig::sammed3d() {
  auto c = base();
  c.sammed3d_compat = true;
  c.spacings_mm = {1.5};
  c.input_channels = 1;
  c.window = 14;
  c.refinement = c.synergy = false;
  return c;
}

NetworkConfig NetworkConfig::named(const std::string& size) {
  if (size == "tiny") return tiny();
  if (size == "compact") return compact();
  if (size == "base") return base();
  throw ModelError("cannot build a network of size '" + size + "': expected tiny, compact or base");
}

void NetworkConfig::check() const {
  const auto in = [](int v, int low, int high) { return v >= low && v <= high; };
  require(in(crop, 16, 256), "crop is " + std::to_string(crop) + ", expected 16 to 256");
  require(patch == 8 || patch == 16, "patch is " + std::to_string(patch) + ", expected 8 or 16");
  require(!sammed3d_compat || patch == 16, "patch is " + std::to_string(patch) + ", expected SAM-Med3D's 16");
  require(crop % patch == 0, "patch " + std::to_string(patch) + " does not divide crop " + std::to_string(crop));
  require(in(window, 1, 64) && (sammed3d_compat || grid() % window == 0),
          "window " + std::to_string(window) + " does not divide the grid of " + std::to_string(grid()) + " tokens");
  require(stem == "conv" || stem == "patchify", "stem is '" + stem + "', expected 'conv' or 'patchify'");
  const int wanted_channels = sammed3d_compat ? 1 : 2;
  require(input_channels == wanted_channels,
          "input_channels is " + std::to_string(input_channels) + ", expected " + std::to_string(wanted_channels));
  require(in(stem_channels, 8, 512) && stem_channels % 8 == 0, "stem_channels must be a multiple of 8, up to 512");
  require(in(heads, 1, 64) && in(width, 8, 4096) && width % heads == 0, "heads must divide width");
  require(in(depth, 1, 64) && in(mlp_ratio, 1, 16), "depth or mlp_ratio out of range");
  require(
      in(decoder_heads, 1, 64) && in(channels, 16, 2048) && channels % 16 == 0 && (channels / 2) % decoder_heads == 0,
      "channels must be a multiple of 16 and half of it one of decoder_heads");
  require(in(decoder_depth, 1, 16) && in(decoder_mlp, 1, 16384) && in(mask_tokens, 1, 16), "decoder out of range");
  require(
      in(quarter_channels, 8, 512) && quarter_channels % 8 == 0 && in(half_channels, 8, 512) && half_channels % 8 == 0,
      "quarter_channels and half_channels must be multiples of 8, up to 512");
  for (const int block : global_blocks) require(in(block, 0, depth - 1), "a global block lies outside the depth");
  require(!attribute_groups.empty(), "no attribute groups");
  for (const int group : attribute_groups) require(in(group, 2, 64), "an attribute group has fewer than 2 labels");
  require(in(clusters, 1, 16), "clusters must be 1 to 16");
  require(lattice_step_mm > 0 && lattice_radius_mm >= lattice_step_mm && lattice_radius_mm <= 8 * lattice_step_mm,
          "lattice_radius_mm must be 1 to 8 steps");
  require(!spacings_mm.empty(), "no spacings");
  for (const double spacing : spacings_mm)
    require(spacing > 0.1 && spacing < 20, "a spacing is not within 0.1 to 20 mm");
  require(detail_mm == 0 || (detail_mm > 0.1 && detail_mm < spacings_mm.front()),
          "detail_mm is neither 0 nor from 0.1 mm to below the finest spacing");
}

void to_json(nlohmann::json& json, const NetworkConfig& config) {
  json = nlohmann::json::object();
  each_field(config, [&](const char* name, const auto& field) { json[name] = field; });
}

void from_json(const nlohmann::json& json, NetworkConfig& config) {
  require(json.is_object(), "architecture is not a JSON object");
  std::set<std::string> known;
  each_field(config, [&](const char* name, auto& field) {
    known.insert(name);
    if (!json.contains(name)) {
      if (younger_fields.contains(name)) return;
      refuse_field(name, "is missing");
    }
    try {
      json.at(name).get_to(field);
    } catch (const nlohmann::json::exception&) {
      refuse_field(name, "has the wrong type");
    }
  });
  for (const auto& item : json.items()) {
    if (!known.contains(item.key())) refuse_field(item.key(), "is unknown");
  }
  config.check();
}

}  // namespace punctum
