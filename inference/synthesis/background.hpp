#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"
#include "inference/phantom/random.hpp"
#include "inference/synthesis/grid.hpp"

namespace punctum::synthesis {

/// What a place in a body is made of, as far as its smoothed HU say.
enum class TissueClass : std::uint8_t { outside, gas, lung, fat, soft, bone, other };
inline constexpr std::size_t tissue_classes = 7;

/// How the scanner's noise looks on the series' own grid.
struct NoiseLook {
  double hu = 10;           ///< standard deviation in calm soft tissue
  double across = 0.3;      ///< correlation of neighbours in the slice
  double along = 0;         ///< and of neighbouring slices
  double high_pass = 1.25;  ///< variance of (voxel - mean of its four neighbours in the slice) for noise of variance 1
};

/// A real CT, prepared as background of synthetic lesions: where the body is, what lies where, how the noise looks.
/// Immutable; any thread.
class Background {
 public:
  /// @param lesions that the CT really has; nothing is rendered into them or near them. Empty: none known.
  /// @throws GeometryError if a mask has another grid.
  Background(Volume volume, std::string body_part, const std::vector<LesionMask>& lesions = {});

  const Volume& volume() const { return volume_; }
  const std::string& body_part() const { return body_part_; }
  const NoiseLook& noise() const { return noise_; }

  /// Smoothed HU at a place in the patient.
  float calm_hu(const Vec3& p) const { return calm_.at(p); }
  /// mm to the nearest place that is no body (air around, table, beyond the series), or a real lesion with 15 mm
  /// around.
  float room(const Vec3& p) const { return room_.at(p); }
  TissueClass tissue(const Vec3& p) const;
  const std::vector<std::uint32_t>& places(TissueClass kind) const { return places_[static_cast<std::size_t>(kind)]; }
  /// Somewhere in the cell of a place.
  Vec3 place(std::uint32_t cell, phantom::Random& random) const;
  /// Change of the smoothed HU around a place, HU/mm.
  double slope(const Vec3& p) const;

 private:
  void find_body(const std::vector<LesionMask>& lesions);
  void sort_places();
  void measure_noise();

  Volume volume_;
  std::string body_part_;
  Grid<float> calm_;
  Grid<float> room_;
  std::array<std::vector<std::uint32_t>, tissue_classes> places_;  ///< cells of calm_ well within the body
  NoiseLook noise_;
};

/// The same CT as a softer reconstruction kernel would show it: each slice blurred by some 0.7 voxels. Series for lungs
/// are too noisy to show lesions of soft tissue.
Volume softened(Volume volume);

using BackgroundPtr = std::shared_ptr<const Background>;

/// The class that this many HU belong to, within a body.
TissueClass class_of(double hu);

}  // namespace punctum::synthesis
