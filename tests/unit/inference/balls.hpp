#pragma once

#include <cmath>
#include <random>

#include "inference/training/training_source.hpp"

namespace punctum::test {

/// A ball in noise, brighter or darker than what surrounds it.
inline TrainingCrop ball(const CropRequest& request) {
  std::mt19937_64 random(request.seed % 8);  // eight cases, again and again
  const auto between = [&](double a, double b) { return a + (b - a) * static_cast<double>(random() >> 11) * 0x1p-53; };
  TrainingCrop crop;
  crop.size = request.size;
  crop.spacing_mm = request.spacing_mm;
  const double contrast = random() % 2 ? 80 : -80, radius = between(5, 10), middle = request.size / 2;
  for (int z = 0; z < crop.size; ++z) {
    for (int y = 0; y < crop.size; ++y) {
      for (int x = 0; x < crop.size; ++x) {
        const bool in = !request.background && std::hypot(z - middle, y - middle, x - middle) < radius;
        crop.truth.push_back(in);
        crop.hu.push_back(static_cast<std::int16_t>(40 + (in ? contrast : 0) + between(-12, 12)));
      }
    }
  }
  if (!request.background) crop.labels = {0, contrast > 0 ? 2 : 0, 0, 0, 0};
  return crop;
}

inline TrainingSource balls() {
  TrainingSource source;
  source.name = "balls";
  source.crops = ball;
  return source;
}

}  // namespace punctum::test
