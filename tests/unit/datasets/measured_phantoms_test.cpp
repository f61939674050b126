#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "inference/measure/attributes.hpp"
#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

constexpr std::uint64_t first_seed = 41'000;  // the rules were set on 40000 to 40059
constexpr int cases = 60;

/// What the rules say, against what the generator rendered. Row: true label; column: measured, the last one: unknown.
struct Confusion {
  std::array<std::array<int, 5>, 4> count{};
  void add(int truth, int measured) {
    ++count[static_cast<std::size_t>(truth)][measured < 0 ? 4U : static_cast<std::size_t>(measured)];
  }
  int agreed() const { return count[0][0] + count[1][1] + count[2][2] + count[3][3]; }
  int told() const {
    int sum = 0;
    for (const auto& row : count) sum += row[0] + row[1] + row[2] + row[3];
    return sum;
  }
  int all() const {
    int sum = told();
    for (const auto& row : count) sum += row[4];
    return sum;
  }
};

/// The phantom is made without the rules, so that its labels test them. Its masks are the truth: with a network's own
/// masks the rules do worse.
TEST(MeasuredPhantoms, RulesMostlyAgreeWithTheGeneratorWhereTheySpeak) {
  std::array<Confusion, attribute_count> confusions;
  for (int i = 0; i < cases; ++i) {
    const auto phantom = phantom_case(first_seed + static_cast<std::uint64_t>(i));
    for (const auto& lesion : phantom.lesions) {
      const auto measured = measure_attributes(phantom.volume, lesion.mask);
      for (std::size_t a = 0; a < attribute_count; ++a) confusions[a].add(lesion.labels[a], measured.labels[a]);
    }
  }
  for (std::size_t a = 0; a < attribute_count; ++a) {
    const auto& c = confusions[a];
    std::printf("%-14s told %3d of %3d, agreed %3d\n", std::string(attribute_vocabulary()[a].name).c_str(), c.told(),
                c.all(), c.agreed());
    for (std::size_t truth = 0; truth < attribute_vocabulary()[a].labels.size(); ++truth) {
      std::printf("    %-60s", std::string(attribute_vocabulary()[a].labels[truth]).c_str());
      for (const int n : c.count[truth]) std::printf("%5d", n);
      std::printf("\n");
    }
  }
  for (const auto attribute : {Attribute::shape, Attribute::density, Attribute::heterogeneity, Attribute::surface}) {
    const auto& c = confusions[static_cast<std::size_t>(attribute)];
    EXPECT_GE(c.agreed(), 0.85 * c.told());
    EXPECT_GE(c.told(), 0.25 * c.all());
  }
  EXPECT_EQ(confusions[static_cast<std::size_t>(Attribute::invasion)].told(), 0);
}

}  // namespace
}  // namespace punctum
