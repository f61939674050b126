// Every input that the repository keeps goes through its parser once more: seeds, what widened the coverage, and every
// finding (found-*). Built like all tests, so that a mended parser stays mended without libFuzzer.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fuzz/target.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/largest_allocation.hpp"

namespace punctum::fuzz {
namespace {

namespace fs = std::filesystem;

/// The kept inputs are of a few kilobytes. Findings among them made a parser ask for a gigabyte and more.
constexpr std::size_t most_memory_at_once = 16 << 20;

class FuzzCorpus : public testing::TestWithParam<std::string> {};

TEST_P(FuzzCorpus, IsReadWithoutHarm) {
  const auto folder = fs::path(PUNCTUM_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam();
  std::size_t inputs = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    const auto input = test::read_file(entry.path());
    const test::LargestAllocation largest;
    ASSERT_NO_THROW(targets().at(GetParam())(input));
    EXPECT_LT(largest.bytes(), most_memory_at_once);
    ++inputs;
  }
  EXPECT_GT(inputs, 0u);
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  std::ranges::transform(targets(), std::back_inserter(out), [](const auto& target) { return target.first; });
  return out;
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, testing::ValuesIn(names()),
                         [](const auto& target) { return target.param; });

}  // namespace
}  // namespace punctum::fuzz
