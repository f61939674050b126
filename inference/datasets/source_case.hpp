#pragma once

#include <random>
#include <vector>

#include "inference/datasets/laid_down.hpp"
#include "inference/datasets/lesion_case.hpp"

namespace punctum {

/// Draws numbers that are the same with every standard library.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  ///< [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

 private:
  std::mt19937_64 engine_;
};

/// A lesion as a source keeps it: its box only, and how deep its voxels lie.
struct SourceLesion {
  LesionMask mask;  ///< on a grid of its own, a voxel larger than the lesion to every side where the image goes on
  std::array<int, attribute_count> labels;
  double length_mm = 0;             ///< largest side of the box
  std::vector<std::size_t> voxels;  ///< of the mask's grid, the deepest first
  std::size_t deep = 0;             ///< so many of them lie in the inner core

  /// A place that a reader might have clicked: mostly in the core, sometimes near the border.
  PatientPoint click(Draw& draw) const;
};

/// A case as a source keeps it.
struct SourceCase {
  SeriesGeometry geometry;
  std::vector<SourceLesion> lesions;
  LaidDown<std::int16_t> hu;      ///< as in Volume
  LaidDown<std::uint8_t> places;  ///< 1: tissue of the body, away from every lesion

  /// Centre of a voxel of plain tissue. @return nothing if the image shows hardly any.
  std::optional<PatientPoint> plain_tissue(Draw& draw) const;
};

/// @param folder where its voxels are laid down; empty: in memory
SourceCase make_source_case(const LesionCase& loaded, const std::filesystem::path& folder);

}  // namespace punctum
