#pragma once

#include <memory>

#include "inference/baselines/baseline_manifest.hpp"
#include "inference/segmenter.hpp"

namespace punctum {

/// A baseline at work as the node's Segmenter is: the finest crop that holds the clicks, the coarser one where the
/// lesion goes on beyond it, and the fine one once more with the coarse mask. A cnn names attributes on the finest crop
/// and marks nothing. @throws ModelError: missing or damaged weights.
std::unique_ptr<Segmenter> load_baseline(const SegmenterOptions& options, const BaselineManifest& manifest);

}  // namespace punctum
