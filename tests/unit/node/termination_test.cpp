#include "node/runtime/termination.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

namespace punctum {
namespace {

using std::chrono::milliseconds;

TEST(EndWithinDeathTest, AProgramThatDoesNotEndIsEndedAloud) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const EndWithin end(milliseconds(50), [] { std::fputs("took too long", stderr); });
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
      },
      testing::ExitedWithCode(1), "took too long");
}

TEST(EndWithin, SaysNothingToAProgramThatEndsInTime) {
  bool told = false;
  {
    const EndWithin end(std::chrono::hours(1), [&] { told = true; });
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace punctum
