#pragma once

#include <memory>

#include "inference/baselines/architecture.hpp"
#include "inference/model/answering_network.hpp"

namespace punctum::network {

/// What learns from clicks and answers them: the paper's network or a baseline, trained, validated and exported by the
/// same code.
class ClickNetwork : public AnsweringNetwork {
 public:
  virtual torch::nn::Module& module() = 0;  ///< parameters and buffers by the names that they have in files
  virtual const Architecture& architecture() const = 0;
  int crop() const override { return architecture().crop(); }
  const std::vector<double>& spacings_mm() const override { return architecture().spacings_mm(); }
  double detail_mm() const override { return architecture().detail_mm(); }
};

/// Untrained, on the CPU. @throws ModelError for a configuration that cannot be.
std::shared_ptr<ClickNetwork> make_click_network(const Architecture& architecture);

std::int64_t parameter_count(ClickNetwork& network);

}  // namespace punctum::network
