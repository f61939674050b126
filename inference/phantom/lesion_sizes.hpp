#pragma once

namespace punctum::phantom {

/// How long the lesions are that a crop is to show.
struct LesionSizes {
  double smallest_mm = 4, largest_mm = 60;
};

/// Large ones in coarse crops, and in those of the closer look only what fits into them: that is what these crops are
/// asked about (LesionQuestion).
constexpr LesionSizes lesion_sizes_for(double spacing_mm) {
  if (spacing_mm > 2) return {25, 90};
  if (spacing_mm < 1) return {4, 24};
  return {};
}

}  // namespace punctum::phantom
