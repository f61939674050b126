#include "inference/model/kmeans.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace punctum {
namespace {

class Lloyd {
 public:
  Lloyd(std::span<const float> rows, int dimensions, int clusters)
      : rows_(rows),
        dimensions_(static_cast<std::size_t>(dimensions)),
        row_count_(rows.size() / dimensions_),
        clusters_(static_cast<std::size_t>(clusters)),
        centroids_(clusters_ * dimensions_),
        cluster_of_(row_count_, -1) {}

  void start_farthest_first(std::size_t first) {
    std::vector<float> nearest(row_count_, std::numeric_limits<float>::max());
    std::size_t chosen = first;
    for (std::size_t c = 0; c < clusters_; ++c) {
      move_centroid_to_row(c, chosen);
      for (std::size_t r = 0; r < row_count_; ++r) nearest[r] = std::min(nearest[r], distance(r, c));
      chosen = static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    }
  }

  /// @return whether any row changed its cluster.
  bool assign() {
    bool changed = false;
    for (std::size_t r = 0; r < row_count_; ++r) {
      int best = 0;
      float best_distance = distance(r, 0);
      for (std::size_t c = 1; c < clusters_; ++c) {
        const float d = distance(r, c);
        if (d < best_distance) best = static_cast<int>(c), best_distance = d;
      }
      changed |= cluster_of_[r] != best;
      cluster_of_[r] = best;
    }
    return changed;
  }

  void update() {
    std::vector<std::size_t> members(clusters_, 0);
    std::vector<double> sums(clusters_ * dimensions_, 0.0);
    for (std::size_t r = 0; r < row_count_; ++r) {
      const auto c = static_cast<std::size_t>(cluster_of_[r]);
      ++members[c];
      for (std::size_t i = 0; i < dimensions_; ++i) sums[c * dimensions_ + i] += rows_[r * dimensions_ + i];
    }
    for (std::size_t c = 0; c < clusters_; ++c) {
      if (members[c] == 0) {
        move_centroid_to_row(c, worst_placed_row());
        continue;
      }
      for (std::size_t i = 0; i < dimensions_; ++i) {
        centroids_[c * dimensions_ + i] =
            static_cast<float>(sums[c * dimensions_ + i] / static_cast<double>(members[c]));
      }
    }
  }

  Clusters finish() {
    std::vector<int> representative(clusters_, -1);
    for (std::size_t c = 0; c < clusters_; ++c) {
      float best = std::numeric_limits<float>::max();
      for (std::size_t r = 0; r < row_count_; ++r) {
        if (static_cast<std::size_t>(cluster_of_[r]) != c) continue;
        const float d = distance(r, c);
        if (d < best) best = d, representative[c] = static_cast<int>(r);
      }
      // All rows alike leaves clusters without rows; the first row then stands for them too.
      if (representative[c] < 0) representative[c] = representative[0];
    }
    return {std::move(cluster_of_), std::move(representative), std::move(centroids_)};
  }

 private:
  float distance(std::size_t row, std::size_t cluster) const {
    const float* a = rows_.data() + row * dimensions_;
    const float* b = centroids_.data() + cluster * dimensions_;
    float sum = 0;
    for (std::size_t i = 0; i < dimensions_; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  }

  void move_centroid_to_row(std::size_t cluster, std::size_t row) {
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(row * dimensions_), dimensions_,
                centroids_.begin() + static_cast<std::ptrdiff_t>(cluster * dimensions_));
  }

  std::size_t worst_placed_row() const {
    std::size_t worst = 0;
    float worst_distance = -1;
    for (std::size_t r = 0; r < row_count_; ++r) {
      const float d = distance(r, static_cast<std::size_t>(cluster_of_[r]));
      if (d > worst_distance) worst = r, worst_distance = d;
    }
    return worst;
  }

  std::span<const float> rows_;
  std::size_t dimensions_, row_count_, clusters_;
  std::vector<float> centroids_;
  std::vector<int> cluster_of_;
};

}  // namespace

Clusters k_means(std::span<const float> rows, int dimensions, int clusters, int first, int iterations) {
  assert(dimensions > 0 && clusters > 0 && rows.size() >= static_cast<std::size_t>(dimensions * clusters));
  Lloyd lloyd(rows, dimensions, clusters);
  lloyd.start_farthest_first(static_cast<std::size_t>(first));
  for (int i = 0; i < iterations && lloyd.assign(); ++i) lloyd.update();
  lloyd.assign();
  return lloyd.finish();
}

}  // namespace punctum
