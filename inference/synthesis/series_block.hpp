#pragma once

#include "dicom/geometry/volume.hpp"
#include "inference/phantom/lesion_form.hpp"
#include "inference/phantom/tissue.hpp"
#include "inference/synthesis/background.hpp"

namespace punctum::synthesis {

/// How a lesion is laid over a real CT.
struct Coat {
  phantom::ShapePtr shape;    ///< in the patient, LPS
  phantom::TissuePtr tissue;  ///< its HU
  double edge_mm = 0;         ///< 10 to 90 % width of its edge, before the scanner blurs it
  double fringe_mm = 0;       ///< the rendered edge wanders by this much about the true surface
  phantom::NoiseField fringe_field{};
  double psf_mm = 0.6;  ///< standard deviation of the scanner's in-plane blur
  /// HU of the tissue that it is added to, so that vessels and grain remain visible. Otherwise it takes their place.
  bool see_through = false;
  double host_hu = 0;   ///< for see_through
  double noise_hu = 0;  ///< of the noise that comes with what takes the place
  std::uint64_t noise_seed = 0;
};

/// A box of a series' own voxels, to paint on.
class SeriesBlock {
 public:
  /// The voxels that lie in a box of the patient (and a voxel more on each side), as far as the series goes.
  SeriesBlock(const Volume& volume, const Box& box);

  void lay(const Coat& coat, const NoiseLook& noise);
  /// Standard deviation of the noise in a shell about a solid, from what differs between neighbours.
  double noise_about(const phantom::Shape& solid, const NoiseLook& noise) const;

  /// HU on a line of places p + i * step along x, air beyond the series.
  void read_line(const Vec3& p, double step_mm, int count, std::int16_t* into) const;
  /// Mean HU of the voxels that lie in a solid, at least this deep if there are enough of those. NaN if there are none.
  double mean_in(const phantom::Shape& solid, double depth_mm) const;
  bool in_series(const Vec3& p) const;
  void write_back(std::vector<std::int16_t>& hu) const;  ///< into a copy of the volume's voxels

 private:
  struct Range {
    VoxelIndex low, high;  ///< half open
  };
  Range range_of(const Box& box) const;
  Vec3 place(int x, int y, int z) const;
  std::size_t index(int x, int y, int z) const;  ///< of the series' voxel in this block

  const SeriesGeometry& geometry_;
  Range range_;
  Vec3 origin_, step_x_, step_y_, step_z_;
  std::vector<float> hu_;
};

}  // namespace punctum::synthesis
