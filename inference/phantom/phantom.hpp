#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/lesion_report.hpp"
#include "dicom/geometry/volume.hpp"
#include "inference/phantom/lesion_type.hpp"

namespace punctum {

/// Seeds from here on are for evaluation only: never train on them.
inline constexpr std::uint64_t first_evaluation_seed = 900'000;

/// Which lesions a phantom has. Stones (300 to 1000 HU, in fluid) and cysts (0 to 20 HU, even, round, sharply bounded,
/// in parenchyma) are never among the usual ones: they are for evaluation of what a network was not trained on.
using PhantomType = phantom::LesionType;

/// A cube of isotropic voxels, as the network sees it, cut from a synthetic CT. Axes as in the patient (LPS).
struct PhantomSample {
  int size = 0;
  double spacing_mm = 0;
  std::vector<std::int16_t> hu;                                 ///< size³, hu[(z * size + y) * size + x]
  std::vector<std::uint8_t> truth;                              ///< size³, 0 or 1; all 0 in a background crop
  std::array<int, attribute_count> labels{-1, -1, -1, -1, -1};  ///< order of Attribute, index of label; -1: none
  VoxelIndex click;  ///< deepest voxel of the truth; in a background crop the centre
  bool empty() const { return labels[0] < 0; }
};

/// One lesion, not always in the middle: the crop's centre is a place within it, as if the reader had clicked there.
/// How long the lesion is goes by the spacing (lesion_sizes_for). Same seed, same sample, on every machine.
/// Any thread. Some 0.05 to 0.1 core-seconds for 48³.
PhantomSample phantom_crop(std::uint64_t seed, int size, double spacing_mm, PhantomType type = PhantomType::usual);

/// A crop whose centre is plain tissue: no lesion lies there; half of the time one lies 8 to 20 mm away.
PhantomSample phantom_background_crop(std::uint64_t seed, int size, double spacing_mm);

struct PhantomLesion {
  std::array<int, attribute_count> labels;  ///< order of Attribute, index of label
  LesionMask mask;                          ///< on the grid of the series
  PatientPoint click;                       ///< centre of the deepest voxel of the mask
  double volume_ml = 0;                     ///< of the mask
};

/// A whole axial CT series with one to three lesions, well apart: a scan of the same scene that phantom_crop cuts from
/// (at spacings up to 2 mm), whose lesion is the first here.
struct PhantomCase {
  Volume volume;
  std::vector<PhantomLesion> lesions;
  std::string body_part;  ///< "ABDOMEN", "CHEST" or "PELVIS"
};

PhantomCase phantom_case(std::uint64_t seed, PhantomType type = PhantomType::usual);

}  // namespace punctum
