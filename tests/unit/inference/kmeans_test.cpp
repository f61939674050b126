#include <gtest/gtest.h>

#include <random>
#include <set>

#include "inference/model/kmeans.hpp"

namespace punctum {
namespace {

/// Three heaps of points, apart by 10.
std::vector<float> heaps(int rows, int dimensions) {
  std::mt19937 random(3);
  std::vector<float> values;
  for (int r = 0; r < rows; ++r) {
    for (int d = 0; d < dimensions; ++d) {
      values.push_back(static_cast<float>(r % 3 * 10) + static_cast<float>(random() % 1000) / 1000.0F);
    }
  }
  return values;
}

TEST(KMeans, FindsHeapsThatLieApart) {
  const auto clusters = k_means(heaps(60, 4), 4, 3, 0);
  for (int r = 0; r < 60; ++r)
    EXPECT_EQ(clusters.cluster_of[static_cast<std::size_t>(r)], clusters.cluster_of[static_cast<std::size_t>(r % 3)]);
  EXPECT_EQ(std::set<int>(clusters.cluster_of.begin(), clusters.cluster_of.end()).size(), 3u);
}

TEST(KMeans, SaysTheSameEveryTime) {
  const auto rows = heaps(343, 32);
  const auto once = k_means(rows, 32, 3, 171), again = k_means(rows, 32, 3, 171);
  EXPECT_EQ(once.cluster_of, again.cluster_of);
  EXPECT_EQ(once.representative, again.representative);
  EXPECT_EQ(once.centroids, again.centroids);
}

TEST(KMeans, RepresentativeIsAMemberNearestToItsCentroid) {
  const auto rows = heaps(30, 2);
  const auto clusters = k_means(rows, 2, 3, 0);
  const auto distance = [&](std::size_t row, std::size_t c) {
    const float x = rows[2 * row] - clusters.centroids[2 * c], y = rows[2 * row + 1] - clusters.centroids[2 * c + 1];
    return x * x + y * y;
  };
  for (std::size_t c = 0; c < 3; ++c) {
    const auto chosen = static_cast<std::size_t>(clusters.representative[c]);
    EXPECT_EQ(clusters.cluster_of[chosen], static_cast<int>(c));
    for (std::size_t r = 0; r < 30; ++r) {
      if (clusters.cluster_of[r] != static_cast<int>(c)) continue;
      EXPECT_LE(distance(chosen, c), distance(r, c));
    }
  }
}

TEST(KMeans, OrderOfTheOtherRowsDoesNotChangeTheGroups) {
  const auto rows = heaps(60, 4);
  std::vector<float> reversed;
  for (int r = 59; r >= 0; --r) reversed.insert(reversed.end(), rows.begin() + r * 4, rows.begin() + r * 4 + 4);
  const auto a = k_means(rows, 4, 3, 0), b = k_means(reversed, 4, 3, 59);
  for (std::size_t r = 0; r < 60; ++r) {
    EXPECT_EQ(a.cluster_of[r] == a.cluster_of[0], b.cluster_of[59 - r] == b.cluster_of[59]);
  }
}

TEST(KMeans, RowsAllAlikeMakeNoTrouble) {
  const auto clusters = k_means(std::vector<float>(40, 1.0F), 4, 3, 2);
  for (const int row : clusters.representative) EXPECT_TRUE(row >= 0 && row < 10);
}

}  // namespace
}  // namespace punctum
