#include "inference/training/checkpoint.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "dicom/types/error.hpp"

namespace punctum::network {
namespace {

void copy_all(const torch::nn::Module& from, torch::nn::Module& to) {
  torch::NoGradGuard no_grad;
  const auto source = from.named_parameters();
  for (auto& item : to.named_parameters()) item.value().copy_(source[item.key()]);
  const auto buffers = from.named_buffers();
  for (auto& item : to.named_buffers()) item.value().copy_(buffers[item.key()]);
}

torch::serialize::InputArchive open_checkpoint(const std::filesystem::path& path, torch::Device device = torch::kCPU) {
  torch::serialize::InputArchive archive;
  try {
    archive.load_from(path.string(), device);
  } catch (const c10::Error& error) {
    throw ModelError("cannot read checkpoint " + path.string() + ": " + error.what_without_backtrace());
  }
  return archive;
}

std::string read_text(torch::serialize::InputArchive& archive, const std::string& key) {
  c10::IValue value;
  archive.read(key, value);
  return value.toStringRef();
}

/// LibTorch reads tensors of any shape; those of another version of the network would be read as if they fitted.
void require_same_shapes(const torch::nn::Module& stored, const torch::nn::Module& own, const std::string& key) {
  const auto found = stored.named_parameters();
  for (const auto& item : own.named_parameters()) {
    if (found[item.key()].sizes() == item.value().sizes()) continue;
    std::ostringstream text;
    text << "cannot read checkpoint: tensor '" << item.key() << "' of its " << key << " has shape "
         << found[item.key()].sizes() << ", expected " << item.value().sizes() << ": another version wrote it";
    throw ModelError(text.str());
  }
}

/// In place: LibTorch's own load gives the parameters other memory, which replicas that share them would not see.
void read_weights(torch::serialize::InputArchive& archive, const std::string& key, ClickNetwork& network) {
  torch::serialize::InputArchive part;
  archive.read(key, part);
  const auto stored = make_click_network(network.architecture());
  stored->module().load(part);
  require_same_shapes(stored->module(), network.module(), key);
  copy_all(stored->module(), network.module());
}

}  // namespace

TrainingState::TrainingState(const Architecture& a)
    : architecture(a),
      network(make_click_network(a)),
      averaged(make_click_network(a)),
      label_counts(a.attribute_groups()) {
  copy_all(network->module(), averaged->module());
}

void save_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                     const torch::optim::Optimizer& optimizer) {
  torch::serialize::OutputArchive archive, network, averaged, optimizer_state;
  state.network->module().save(network);
  state.averaged->module().save(averaged);
  optimizer.save(optimizer_state);
  archive.write("network", network);
  archive.write("averaged", averaged);
  archive.write("optimizer", optimizer_state);
  const auto weight = state.weight.state();
  archive.write("config", c10::IValue(nlohmann::json(state.architecture).dump()));
  archive.write("step", c10::IValue(state.step));
  archive.write("weight_segmentation", c10::IValue(weight[0]));
  archive.write("weight_attributes", c10::IValue(weight[1]));
  archive.write("label_counts", state.label_counts.counts());
  archive.write("provenance", c10::IValue(state.provenance));
  auto beside = path;
  beside += ".new";
  archive.save_to(beside.string());
  std::filesystem::rename(beside, path);
}

Architecture checkpoint_architecture(const std::filesystem::path& path) {
  auto archive = open_checkpoint(path);
  return nlohmann::json::parse(read_text(archive, "config")).get<Architecture>();
}

nlohmann::json checkpoint_provenance(const std::filesystem::path& path) {
  auto archive = open_checkpoint(path);
  return nlohmann::json::parse(read_text(archive, "provenance"));
}

void load_checkpoint(const std::filesystem::path& path, TrainingState& state, torch::optim::Optimizer* optimizer) {
  auto archive = open_checkpoint(path, state.network->module().parameters().front().device());
  if (nlohmann::json::parse(read_text(archive, "config")).get<Architecture>() != state.architecture) {
    throw ModelError("cannot resume from " + path.string() + ": it was written with another architecture");
  }
  read_weights(archive, "network", *state.network);
  read_weights(archive, "averaged", *state.averaged);
  if (optimizer != nullptr) {
    torch::serialize::InputArchive optimizer_state;
    archive.read("optimizer", optimizer_state);
    optimizer->load(optimizer_state);
  }
  c10::IValue value;
  archive.read("step", value);
  state.step = value.toInt();
  archive.read("weight_segmentation", value);
  const double segmentation = value.toDouble();
  archive.read("weight_attributes", value);
  state.weight.restore({segmentation, value.toDouble()});
  torch::Tensor counts;
  if (archive.try_read("label_counts", counts)) state.label_counts.restore(counts.to(torch::kCPU));  // older ones: none
  if (state.provenance.empty()) state.provenance = read_text(archive, "provenance");
}

}  // namespace punctum::network
