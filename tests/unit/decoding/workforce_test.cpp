#include "dicom/decoding/workforce.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <thread>
#include <vector>

#include "dicom/types/error.hpp"
#include "tests/support/packed_slice.hpp"

namespace punctum {
namespace {

constexpr WorkLimits limits{std::uint64_t{256} << 20, std::chrono::seconds(10), std::chrono::seconds(30), 1 << 20};

struct Decoding : testing::Test {
  std::atomic<int> started{0};
  std::atomic<pid_t> last{-1};
  const Bytes image = test::packed(test::CtSliceBuilder{}.build()).bytes;

  Workforce::Start start() {
    return [this] {
      auto worker = std::make_unique<Worker>(PUNCTUM_DECODE, std::chrono::seconds(30));
      ++started;
      last = worker->process();
      return worker;
    };
  }
  std::size_t decode_with(Workforce& workforce) const {
    return workforce.lend([&](Worker& worker) { return worker.ask(Task::stored_pixels, image, limits); }).size();
  }
};

TEST_F(Decoding, StartsNothingBeforeThereIsWork) {
  Workforce workforce(start(), 2, std::chrono::seconds(30));
  EXPECT_EQ(started, 0);
}

TEST_F(Decoding, UsesOneWorkerForImagesThatComeOneAfterTheOther) {
  Workforce workforce(start(), 4, std::chrono::seconds(30));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(decode_with(workforce), 512u);
  EXPECT_EQ(started, 1);
}

TEST_F(Decoding, NeverHasMoreWorkersThanAllowed) {
  Workforce workforce(start(), 2, std::chrono::seconds(30));
  std::vector<std::future<void>> callers;
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::async(std::launch::async, [&] {
      for (int k = 0; k < 20; ++k) EXPECT_EQ(decode_with(workforce), 512u);
    }));
  }
  for (auto& caller : callers) caller.get();
  EXPECT_LE(started, 2);
}

TEST_F(Decoding, ReplacesAWorkerThatWasKilledWhileItHadNothingToDo) {
  Workforce workforce(start(), 1, std::chrono::seconds(30));
  ASSERT_EQ(decode_with(workforce), 512u);
  ASSERT_EQ(kill(last, SIGKILL), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(decode_with(workforce), 512u);
  EXPECT_EQ(started, 2);
}

TEST_F(Decoding, NeverUsesAWorkerAgainThatFailed) {
  Workforce workforce(start(), 1, std::chrono::seconds(30));
  const Bytes no_image(200);
  EXPECT_THROW(workforce.lend([&](Worker& worker) { return worker.ask(Task::stored_pixels, no_image, limits); }),
               DicomError);
  EXPECT_EQ(decode_with(workforce), 512u);
  EXPECT_EQ(started, 2);
}

TEST_F(Decoding, EndsWorkersThatHaveHadNothingToDoForAWhile) {
  Workforce workforce(start(), 1, std::chrono::milliseconds(100));
  ASSERT_EQ(decode_with(workforce), 512u);
  for (int i = 0; i < 100 && kill(last, 0) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_NE(kill(last, 0), 0) << "the worker still runs";
  EXPECT_EQ(decode_with(workforce), 512u);
}

TEST_F(Decoding, EndsItsWorkersWithItself) {
  {
    Workforce workforce(start(), 1, std::chrono::seconds(30));
    ASSERT_EQ(decode_with(workforce), 512u);
  }
  EXPECT_NE(kill(last, 0), 0) << "the worker still runs";
}

}  // namespace
}  // namespace punctum
