#include "inference/baselines/click_network.hpp"

#include "inference/baselines/attribute_cnn.hpp"
#include "inference/baselines/unet.hpp"
#include "inference/model/lesion_network.hpp"

namespace punctum::network {
namespace {

class PaperNetwork final : public ClickNetwork {
 public:
  explicit PaperNetwork(const NetworkConfig& config) : architecture_{config}, network_(config) {}

  torch::nn::Module& module() override { return *network_; }
  const Architecture& architecture() const override { return architecture_; }
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override {
    return network_->encode(image, spacing_mm);
  }
  PromptPoints refine(const Embedding& embedding, const torch::Tensor& place, const torch::Tensor& kind,
                      const torch::Tensor& previous) const override {
    return network_->refine(embedding, place, kind, previous);
  }
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override {
    return network_->decode(embedding, points, previous);
  }
  torch::Tensor as_prompt(const torch::Tensor& logits) const override { return network_->as_prompt(logits); }

 private:
  Architecture architecture_;
  LesionNetwork network_;
};

/// A baseline has nothing that lasts from click to click but the image, and takes clicks as they are.
template <class Module>
class Baseline final : public ClickNetwork {
 public:
  explicit Baseline(const BaselineConfig& config) : architecture_{config}, network_(config) {}

  torch::nn::Module& module() override { return *network_; }
  const Architecture& architecture() const override { return architecture_; }
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override {
    return {image, spacing_mm, {}};
  }
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override {
    auto answer = network_->forward(embedding, points, previous);
    if (answer.logits.defined()) answer.feedback = as_prompt(answer.logits.detach());
    return answer;
  }
  torch::Tensor as_prompt(const torch::Tensor& logits) const override {
    constexpr double limit = 12;  // as the paper's network keeps it
    return logits.clamp(-limit, limit);
  }

 private:
  Architecture architecture_;
  Module network_;
};

}  // namespace

std::shared_ptr<ClickNetwork> make_click_network(const Architecture& architecture) {
  if (const auto* network = architecture.network()) return std::make_shared<PaperNetwork>(*network);
  const auto& baseline = *architecture.baseline();
  baseline.check();
  if (baseline.baseline == "unet") return std::make_shared<Baseline<Unet>>(baseline);
  return std::make_shared<Baseline<AttributeCnn>>(baseline);
}

std::int64_t parameter_count(ClickNetwork& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.module().parameters()) count += parameter.numel();
  return count;
}

}  // namespace punctum::network
