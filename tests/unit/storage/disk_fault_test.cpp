// A disk that fails under the archive. This program has its own fsync, fdatasync and writes, which the archive
// and SQLite call; they fail for the files that a test names.

#include <errno.h>
#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string_view>

#include "dicom/types/error.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace {

struct Fault {
  std::atomic<const char*> where = nullptr;  // part of the path; null: nothing fails
  std::atomic<bool> syncs = false, writes = false;
  std::atomic<int> error = EIO;
  std::atomic<int> met = 0;
};
Fault fault;

bool concerns(int descriptor) {
  const char* where = fault.where;
  if (where == nullptr) return false;
  std::array<char, 4096> path{};
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto length = ::readlink(link.c_str(), path.data(), path.size());
  if (length < 0) return false;
  return std::string_view(path.data(), static_cast<std::size_t>(length)).find(where) != std::string_view::npos;
}

bool fails(std::atomic<bool>& kind, int descriptor) {
  if (!kind || !concerns(descriptor)) return false;
  ++fault.met;
  errno = fault.error;
  return true;
}

}  // namespace

extern "C" {
int fsync(int descriptor) {
  return fails(fault.syncs, descriptor) ? -1 : static_cast<int>(::syscall(SYS_fsync, descriptor));
}
int fdatasync(int descriptor) {
  return fails(fault.syncs, descriptor) ? -1 : static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}
ssize_t write(int descriptor, const void* bytes, size_t count) {
  return fails(fault.writes, descriptor) ? -1 : ::syscall(SYS_write, descriptor, bytes, count);
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
  return fails(fault.writes, descriptor) ? -1 : ::syscall(SYS_writev, descriptor, parts, count);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  return fails(fault.writes, descriptor) ? -1 : ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return fails(fault.writes, descriptor) ? -1 : ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
}

namespace punctum::test {
namespace {

struct Case {
  const char* where;
  bool syncs, writes;
  int error;
};

class DiskFaultTest : public testing::TestWithParam<Case> {
 protected:
  ~DiskFaultTest() override { mend(); }
  static void fail(const Case& as) {
    fault.syncs = as.syncs;
    fault.writes = as.writes;
    fault.error = as.error;
    fault.met = 0;
    fault.where = as.where;
  }
  static void mend() { fault.where = nullptr; }
  TempFolder folder;
};

TEST_P(DiskFaultTest, IsNoSuccessLeavesNothingVisibleAndIsOverWhenItIsOver) {
  const Bytes content(200'000, std::byte{7});
  const auto first = record_of(1, 1, 1, content), second = record_of(1, 1, 2, content);
  {
    const auto archive = Archive::open(options_for(folder));
    put(*archive, first, content);
    fail(GetParam());
    EXPECT_THROW(put(*archive, second, content), StorageError);
    if (GetParam().error == ENOSPC) {
      EXPECT_THROW(put(*archive, second, content), OutOfResources);
    }
    EXPECT_GT(fault.met, 0) << "the fault never came";
    EXPECT_FALSE(archive->instance(second.name.sop_instance_uid));
    EXPECT_EQ(archive->series(uid("2.1.1")).size(), 1u);
    mend();
    EXPECT_EQ(put(*archive, second, content), StoreOutcome::stored);
    EXPECT_EQ(archive->read(*archive->instance(second.name.sop_instance_uid)), content);
  }
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->series(uid("2.1.1")).size(), 2u);
  EXPECT_EQ(archive->reconciled().rows_without_file, 0u);
}

TEST_P(DiskFaultTest, AtTheEndOfTheProcessLosesNothingThatWasAcknowledged) {
  const Bytes content(200'000, std::byte{7});
  const auto first = record_of(1, 1, 1, content), second = record_of(1, 1, 2, content);
  {
    const auto archive = Archive::open(options_for(folder));
    put(*archive, first, content);
    fail(GetParam());
    EXPECT_THROW(put(*archive, second, content), StorageError);
  }
  mend();
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->read(*archive->instance(first.name.sop_instance_uid)), content);
  const auto unsure = archive->instance(second.name.sop_instance_uid);  // refused, so both are right; but never half
  if (unsure) {
    EXPECT_EQ(archive->read(*unsure), content);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryFile, DiskFaultTest,
                         testing::Values(Case{"/blobs/", true, false, EIO}, Case{"/blobs/", false, true, EIO},
                                         Case{"/blobs/", false, true, ENOSPC},
                                         Case{"index.sqlite-wal", true, false, EIO},
                                         Case{"index.sqlite-wal", false, true, EIO},
                                         Case{"index.sqlite-wal", false, true, ENOSPC}));

}  // namespace
}  // namespace punctum::test
