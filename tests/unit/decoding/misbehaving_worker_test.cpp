// What hostile pixels can make of a decoder, and what the node sees of it: one image fails with a sentence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/decoding/remote_decoder.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/packed_slice.hpp"

namespace punctum {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

struct MisbehavingWorker : testing::Test {
  std::string told;
  RemoteDecoder decoder{DecodingOptions{.program = PUNCTUM_MISBEHAVING_DECODER,
                                        .memory_bytes = std::uint64_t{64} << 20,
                                        .processor = std::chrono::seconds(1),
                                        .on_failure = [this](const std::string& why) { told = why; }}};

  static Bytes image(const std::string& wish) {
    return test::packed(
               test::CtSliceBuilder{}.with("ImageComments", wish).hu([](int x, int y) { return x * y; }).build())
        .bytes;
  }
  static PixelForm form() { return read_pixel_form(*parse_part10(image("nothing"), Extent::header)); }

  /// What becomes of an image with that wish. The next one must be none the worse.
  std::string what_becomes_of(const std::string& wish) {
    const auto good = image("nothing");
    EXPECT_EQ(decoder.pixels(good, form()), decode_pixels(good, form()));
    auto why = PUNCTUM_MESSAGE_OF(DicomError, decoder.pixels(image(wish), form()));
    EXPECT_EQ(told, why);
    EXPECT_EQ(decoder.pixels(good, form()), decode_pixels(good, form()));
    return why;
  }
};

TEST_F(MisbehavingWorker, ThatCrashesCostsOneImage) {
  EXPECT_EQ(what_becomes_of("PLEASE-CRASH"), "cannot decode pixels: the decoder crashed (SIGSEGV)");
  EXPECT_EQ(what_becomes_of("PLEASE-ABORT"), "cannot decode pixels: the decoder crashed (SIGABRT)");
}

TEST_F(MisbehavingWorker, ThatIsKilledCostsOneImage) {
  EXPECT_EQ(what_becomes_of("PLEASE-BE-KILLED"), "cannot decode pixels: the decoder was killed (SIGKILL)");
}

TEST_F(MisbehavingWorker, ThatEndsByItselfCostsOneImage) {
  EXPECT_EQ(what_becomes_of("PLEASE-LEAVE"), "cannot decode pixels: the decoder ended by itself (exit code 7)");
}

TEST_F(MisbehavingWorker, ThatComputesWithoutEndIsStoppedByItsProcessorTime) {
  // Where others want the cores, too, the clock may be the first to notice.
  EXPECT_THAT(what_becomes_of("PLEASE-COMPUTE"),
              AnyOf("cannot decode pixels: the decoder computed for more than 1 s and was stopped",
                    "cannot decode pixels: the decoder gave no answer within 3000 ms and was stopped"));
}

TEST_F(MisbehavingWorker, ThatWaitsWithoutEndIsStoppedByTheClock) {
  EXPECT_EQ(what_becomes_of("PLEASE-WAIT"),
            "cannot decode pixels: the decoder gave no answer within 3000 ms and was stopped");
}

TEST_F(MisbehavingWorker, ThatTakesMemoryWithoutEndMeetsItsLimit) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers map all address space that there is, and end the process that wants more";
#endif
  EXPECT_EQ(what_becomes_of("PLEASE-BLOAT"), "cannot decode pixels: more than 64 MiB of memory would be needed");
}

TEST_F(MisbehavingWorker, ThatAnswersWithMoreThanWasAskedForIsNotHeard) {
  EXPECT_THAT(what_becomes_of("PLEASE-CHATTER"), AllOf(HasSubstr("1048576 bytes"), HasSubstr("expected at most 512")));
}

TEST_F(MisbehavingWorker, CanNeitherOpenNorStartNorSendAnything) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more system calls than a decoder";
#endif
  Worker worker(PUNCTUM_MISBEHAVING_DECODER, std::chrono::seconds(30));
  const auto answer = worker.ask(Task::stored_pixels, image("PLEASE-TRY"),
                                 {std::uint64_t{64} << 20, std::chrono::seconds(5), std::chrono::seconds(15), 4096});
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(answer.data()), answer.size()), "possible:");
}

/// Starts a worker, tells its process id, and keeps it busy until somebody ends this process.
[[noreturn]] void be_a_node_with_a_busy_worker(int tell) {
  Worker worker(PUNCTUM_MISBEHAVING_DECODER, std::chrono::seconds(30));
  const auto process = worker.process();
  if (write(tell, &process, sizeof process) != sizeof process) _exit(1);
  worker.ask(Task::stored_pixels, MisbehavingWorker::image("PLEASE-COMPUTE"),
             {std::uint64_t{64} << 20, std::chrono::seconds(600), std::chrono::seconds(600), 4096});
  _exit(1);
}

TEST_F(MisbehavingWorker, EndsWithTheNodeHoweverBusyItIs) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that the orphan becomes ours, and its end is seen
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const auto node = fork();
  if (node == 0) be_a_node_with_a_busy_worker(ends[1]);
  pid_t worker = -1;
  ASSERT_EQ(read(ends[0], &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
  usleep(300'000);  // it computes
  ASSERT_EQ(kill(worker, 0), 0);
  ASSERT_EQ(kill(node, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(node, &status, 0), node);
  ASSERT_EQ(waitpid(worker, &status, 0), worker);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace punctum
