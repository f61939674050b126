#pragma once

#include <cstddef>
#include <vector>

#include "dicom/types/error.hpp"
#include "inference/segmenter.hpp"

namespace punctum::test {

/// Stands in for the network where a test is about the way to it and back: marks a ball around every positive click,
/// keeps the previous mask, and clears a ball around every negative click. Remembers what it was asked.
class BallSegmenter final : public Segmenter {
 public:
  struct Question {
    std::string volume_key;
    std::vector<VoxelClick> clicks;
    std::size_t previous_voxels = 0;
  };
  std::vector<Question> questions;
  int radius = 2;
  bool finds_nothing = false;
  int failures_left = 0;

  const ModelIdentity& model() const override { return model_; }

  Segmentation segment(const Volume& volume, const std::string& volume_key, const std::vector<VoxelClick>& clicks,
                       const LesionMask* previous) override {
    questions.push_back({volume_key, clicks, previous ? previous->count() : 0});
    if (failures_left-- > 0) throw ModelError("cannot segment: made to fail by a test");
    LesionMask mask = previous ? *previous : LesionMask{volume.geometry, std::vector<std::uint8_t>(volume.hu.size())};
    if (finds_nothing) mask.voxels.assign(volume.hu.size(), 0);
    for (const auto& click : clicks) {
      if (!finds_nothing) paint(volume, mask, click);
    }
    return {mask, attributes(), 0.8, 1.5, 1, 2, 3, 4};
  }

 private:
  void paint(const Volume& volume, LesionMask& mask, const VoxelClick& click) const {
    const auto& [x, y, z] = click.voxel;
    for (int dz = -radius; dz <= radius; ++dz) {
      for (int dy = -radius; dy <= radius; ++dy) {
        for (int dx = -radius; dx <= radius; ++dx) {
          const VoxelIndex voxel{x + dx, y + dy, z + dz};
          if (dx * dx + dy * dy + dz * dz > radius * radius || !volume.geometry.contains(voxel)) continue;
          mask.voxels[volume.index(voxel)] = click.sign == ClickSign::positive ? 1 : 0;
        }
      }
    }
  }

  static std::vector<AttributeFinding> attributes() {
    std::vector<AttributeFinding> out;
    for (const auto& vocabulary : attribute_vocabulary()) {
      std::vector<double> probabilities(vocabulary.labels.size(), 0.1);
      probabilities[0] = 1 - 0.1 * static_cast<double>(probabilities.size() - 1);
      out.push_back({vocabulary.attribute, probabilities});
    }
    return out;
  }

  ModelIdentity model_{"ball", "1", sha256("ball"), "Apache-2.0", "commercial", true};
};

}  // namespace punctum::test
