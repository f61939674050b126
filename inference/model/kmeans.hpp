#pragma once

#include <span>
#include <vector>

namespace punctum {

struct Clusters {
  std::vector<int> cluster_of;      ///< one entry a row
  std::vector<int> representative;  ///< row nearest to each centroid, among the cluster's own rows
  std::vector<float> centroids;     ///< cluster after cluster, `dimensions` numbers each
};

/// Lloyd's K-means, fully determined by its input: the first centroid is row `first`, the next ones the rows farthest
/// from all before; at most `iterations` rounds; an emptied cluster restarts at the row farthest from its own centroid;
/// ties go to the lowest index. Plain loops in float, so that thread counts cannot change the result.
/// @param rows row after row, `dimensions` numbers each; at least `clusters` rows. Any thread.
Clusters k_means(std::span<const float> rows, int dimensions, int clusters, int first, int iterations = 10);

}  // namespace punctum
