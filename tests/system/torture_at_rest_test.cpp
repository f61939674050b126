// What a node costs that has much and does nothing: its memory, and the time until it is ready again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <iterator>
#include <regex>

#include "tests/benchmarks/fill_index.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"

namespace punctum::test {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

TEST(AtRest, MemoryWithWeightsIsBoundedAndDoesNotGrowWithTheArchive) {
  const int instances = short_or_long(2000, 10'000);
  constexpr int slices = 50;
  const TempDir folder;
  NodeProcess node(folder.path());
  node.start();
  Clicks clicks(node);
  ASSERT_TRUE(clicks.send_images());
  clicks.click();
  ASSERT_THAT(clicks.unanswered(), testing::IsEmpty());
  Ledger ledger;
  const auto send_studies = [&](int first, int last) {
    for (int i = first; i < last; ++i) {
      const auto study = small_study("at rest " + std::to_string(i), slices);
      ASSERT_EQ(ledger.send(node.address(), study), study.size()) << i;
    }
  };
  send_studies(0, 10);  // what is kept ready for the next one is kept once
  const auto before = resident_bytes(node.process());
  send_studies(10, 10 + instances / slices);
  ASSERT_FALSE(testing::Test::HasFatalFailure());
  const auto after = resident_bytes(node.process());
  EXPECT_LE(before, 600 * mib);
  EXPECT_LE(after, before + 32 * mib);
  std::cout << (before / mib) << " MiB with weights after a click, " << (after / mib) << " MiB after " << instances
            << " instances more\n";
}

/// The measure is a hundred thousand, in the long run; the short one has a fifth of them and other tests beside it.
TEST(AtRest, IsReadyWithinFiveSecondsHoweverMuchIsStored) {
  const std::size_t instances = short_or_long(20'000, 100'000);
  const TempDir folder;
  std::filesystem::create_directories(folder / "data");
  const auto filled = benchmark::fill_index(folder / "data", instances);
  benchmark::make_files(folder / "data");
  NodeProcess node(folder.path());
  for (const bool killed : {true, false}) {
    const auto begin = std::chrono::steady_clock::now();
    node.start();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_LE(took.count(), 5) << "of which the weights take a part";
    std::cout << "ready with " << instances << " instances in " << took.count() << " s\n";
    if (killed) node.kill();
  }
  const auto told = run_program({"findscu", "-S", "-aec", "PUNCTUM", "-k", "QueryRetrieveLevel=STUDY", "-k",
                                 "StudyInstanceUID", "127.0.0.1", node.port()});
  const std::regex study(R"(\(0020,000d\) UI \[)");
  const auto listed = std::distance(std::sregex_iterator(told.output.begin(), told.output.end(), study), {});
  EXPECT_GE(listed, static_cast<std::ptrdiff_t>(filled.studies));
}

}  // namespace
}  // namespace punctum::test
