// What goes wrong with disks, files and processes, and what the next start finds.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>

#include "dicom/types/error.hpp"
#include "storage/index/database.hpp"
#include "storage/work_stores.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;

class CrashTest : public testing::Test {
 protected:
  fs::path data() const { return folder.path() / "data"; }
  /// A complete file under blobs/ that no row names, as a crash between renaming and commit leaves it.
  void leave_orphan(std::string_view content) const {
    fs::create_directories(data() / "blobs/abc");
    const auto file = data() / "blobs/abc" / random_name();
    std::ofstream(file) << content;
    fs::permissions(file, fs::perms::owner_read);
  }
  TempFolder folder;
};

// ---- room

TEST_F(CrashTest, OneObjectThatIsLargerThanTheDiskIsGivenUpAtTheMark) {
  auto options = options_for(folder);
  options.low_water_bytes = 1000;
  std::uint64_t free = 2000;
  LocalArchive archive(options, {[&] { return free; }, {}, {}});
  auto spool = archive.begin();
  const Bytes piece(1 << 20);
  spool->write(piece);
  free = 500;
  EXPECT_THROW(
      {
        for (int i = 0; i < 40; ++i) spool->write(piece);
      },
      OutOfResources);
  EXPECT_LT(spool->size(), 20u << 20);
  spool.reset();
  EXPECT_LT(bytes_below(data() / "blobs"), 1u);
}

// ---- reconciliation

TEST_F(CrashTest, WhatWasNotFinishedIsRemovedAtStart) {
  Archive::open(options_for(folder));
  fs::create_directories(data() / "blobs/abc");
  std::ofstream(data() / "blobs/abc" / random_name()) << "half an instance";
  std::ofstream(data() / "blobs/abc" / random_name());  // a name that was ready for the next one
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->reconciled().unfinished_removed, 2u);
  EXPECT_EQ(files_below(data() / "blobs"), 0u);
}

TEST_F(CrashTest, AWholeObjectThatOnlyLostItsModeIsSetAside) {
  Archive::open(options_for(folder));
  leave_orphan("orphan");
  leave_orphan("garbage");
  for (const auto& entry : fs::directory_iterator(data() / "blobs/abc")) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  }
  auto options = options_for(folder);
  options.is_whole = [](ByteView file) { return Bytes(file.begin(), file.end()) == bytes_of("orphan"); };
  const auto archive = Archive::open(options);
  EXPECT_EQ(archive->reconciled().orphans_quarantined, 1u);
  EXPECT_EQ(archive->reconciled().unfinished_removed, 1u);
  EXPECT_EQ(files_below(data() / "quarantine/found"), 2u) << "the file and the reason";
}

TEST_F(CrashTest, NoEmptyFileIsLeftBehindByACleanStop) {
  const auto content = bytes_of("slice");
  put(*Archive::open(options_for(folder)), record_of(1, 1, 1, content), content);
  EXPECT_EQ(files_below(data() / "blobs"), 1u);
}

TEST_F(CrashTest, AFileWithoutARowGoesToQuarantine) {
  Archive::open(options_for(folder));
  leave_orphan("orphan");
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->reconciled().orphans_quarantined, 1u);
  EXPECT_EQ(files_below(data() / "blobs"), 0u);
  EXPECT_EQ(files_below(data() / "quarantine"), 2u) << "the file and the reason";
}

TEST_F(CrashTest, AFileWithoutARowIsAdoptedWhereItIsUnderstood) {
  Archive::open(options_for(folder));
  leave_orphan("orphan");
  leave_orphan("garbage");
  auto options = options_for(folder);
  options.adopt = [](ByteView file) -> std::optional<InstanceRecord> {
    const Bytes bytes(file.begin(), file.end());
    if (bytes != bytes_of("orphan")) throw DicomError("cannot read: no data set");
    return record_of(1, 1, 1, bytes);
  };
  const auto archive = Archive::open(options);
  EXPECT_EQ(archive->reconciled().orphans_adopted, 1u);
  EXPECT_EQ(archive->reconciled().orphans_quarantined, 1u);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("orphan"));
  EXPECT_EQ(archive->last_sequence(), 1);
}

TEST_F(CrashTest, AfterThePowerWasLostNoFileIsAdopted) {
  Archive::open(options_for(folder));
  leave_orphan("perhaps cut short");
  std::ofstream(data() / "lock") << "another start of the machine";
  auto options = options_for(folder);
  options.adopt = [](ByteView file) -> std::optional<InstanceRecord> {
    return record_of(1, 1, 1, Bytes(file.begin(), file.end()));
  };
  const auto archive = Archive::open(options);
  EXPECT_EQ(archive->reconciled().orphans_adopted, 0u);
  EXPECT_EQ(archive->reconciled().orphans_quarantined, 1u);
}

TEST_F(CrashTest, NothingInTheQuarantineMakesRoomForWhatAStartFinds) {
  auto options = options_for(folder);
  options.quarantine_bytes = 10;
  Archive::open(options);
  for (int i = 0; i < 3; ++i) leave_orphan("larger than the quarantine");
  EXPECT_EQ(Archive::open(options)->reconciled().orphans_quarantined, 3u);
  const auto archive = Archive::open(options);
  for (int i = 0; i < 3; ++i) {
    auto spool = archive->begin();
    spool->write(bytes_of("not DICOM"));
    archive->quarantine(std::move(spool), "no DICOM");
  }
  EXPECT_EQ(files_below(data() / "quarantine" / "found"), 6u) << "each with its reason";
}

TEST_F(CrashTest, FilesBesideALostIndexAreNotTouched) {
  const auto content = bytes_of("slice");
  put(*Archive::open(options_for(folder)), record_of(1, 1, 1, content), content);
  for (const auto* file : {"index.sqlite", "index.sqlite-wal", "index.sqlite-shm"}) fs::remove(data() / file);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT([&] { Archive::open(options_for(folder)); },
                testing::ThrowsMessage<StorageError>(testing::HasSubstr("punctum import")));
    EXPECT_EQ(files_below(data() / "blobs"), 1u);
  }
}

TEST_F(CrashTest, FilesBesideAnIndexThatIsMuchOlderAreNotTouched) {
  Archive::open(options_for(folder));
  for (int i = 0; i < 1025; ++i) leave_orphan("acknowledged after the backup of the index");
  EXPECT_THAT([&] { Archive::open(options_for(folder)); },
              testing::ThrowsMessage<StorageError>(testing::HasSubstr("does not know 1025 of the files")));
  EXPECT_EQ(files_below(data() / "blobs"), 1025u);
}

TEST_F(CrashTest, AnOrphanWhoseSenderCameAgainIsDropped) {
  const auto content = bytes_of("orphan");
  for (const int study : {1, 2}) {  // the second as an earlier version stored it
    auto stored = record_of(study, 1, 1, content);
    if (study == 2) stored.dataset_digest = sha256("orphan");
    put(*Archive::open(options_for(folder)), stored, content);
    leave_orphan("orphan");
    auto options = options_for(folder);
    options.adopt = [&](ByteView) { return std::optional(record_of(study, 1, 1, content)); };
    const auto archive = Archive::open(options);
    EXPECT_EQ(archive->reconciled().orphans_quarantined, 0u);
    EXPECT_EQ(files_kept(data() / "blobs"), static_cast<std::size_t>(study));
    EXPECT_EQ(archive->read(*archive->instance(stored.name.sop_instance_uid)), content);
  }
}

TEST_F(CrashTest, AnOrphanThatOnlyHasTheDigestOfWhatIsStoredIsSetAside) {
  const auto content = bytes_of("orphan");
  put(*Archive::open(options_for(folder)), record_of(1, 1, 1, content), content);
  leave_orphan("forged");
  auto options = options_for(folder);
  options.adopt = [&](ByteView) { return std::optional(record_of(1, 1, 1, content)); };
  const auto archive = Archive::open(options);
  EXPECT_EQ(archive->reconciled().orphans_quarantined, 1u);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
}

TEST_F(CrashTest, ARowWithoutItsFileIsReportedAndInvisible) {
  const auto content = bytes_of("slice");
  {
    const auto archive = Archive::open(options_for(folder));
    put(*archive, record_of(1, 1, 1, content), content);
    put(*archive, record_of(2, 1, 1, content), content);
    fs::remove(archive->local_path(*archive->instance(uid("3.1.1.1"))));
  }
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->reconciled().rows_without_file, 1u);
  EXPECT_EQ(archive->reconciled().instances, 1u);
  EXPECT_FALSE(archive->instance(uid("3.1.1.1")));
  EXPECT_TRUE(archive->series(uid("2.1.1")).empty());
  EXPECT_EQ(archive->changes_after(0, 10).size(), 1u);
  const auto events = open_work_stores(data()).events->list(10);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, event_kind::damaged);
  EXPECT_EQ(events[0].study_instance_uid, "1.2.3.1.1");
  for (const auto level : {QueryLevel::patient, QueryLevel::study, QueryLevel::series, QueryLevel::instance}) {
    std::size_t rows = 0;
    archive->query({level, {}, {}, 0}, [&](const QueryRow&) { return ++rows > 0; });
    EXPECT_EQ(rows, 1u);
  }
}

TEST_F(CrashTest, AFileThatCameBackMakesItsRowVisibleAgain) {
  const auto content = bytes_of("slice");
  fs::path file;
  {
    const auto archive = Archive::open(options_for(folder));
    put(*archive, record_of(1, 1, 1, content), content);
    file = archive->local_path(*archive->instance(uid("3.1.1.1")));
  }
  fs::rename(file, folder.path() / "elsewhere");
  EXPECT_EQ(Archive::open(options_for(folder))->reconciled().rows_without_file, 1u);
  fs::rename(folder.path() / "elsewhere", file);
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(archive->reconciled().rows_without_file, 0u);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
}

TEST_F(CrashTest, ALostInstanceIsHealedWhenItIsSentAgain) {
  const auto content = bytes_of("slice");
  {
    const auto archive = Archive::open(options_for(folder));
    put(*archive, record_of(1, 1, 1, content), content);
    fs::remove(archive->local_path(*archive->instance(uid("3.1.1.1"))));
  }
  const auto archive = Archive::open(options_for(folder));
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::stored);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
  EXPECT_EQ(archive->last_sequence(), 2) << "its followers hear of it again";
}

TEST_F(CrashTest, AFileCutShortIsNotHandedOut) {
  const auto archive = Archive::open(options_for(folder));
  const auto content = bytes_of("a whole slice");
  put(*archive, record_of(1, 1, 1, content), content);
  const auto stored = *archive->instance(uid("3.1.1.1"));
  fs::resize_file(archive->local_path(stored), 5);
  EXPECT_THROW(archive->read(stored), StorageError);
}

// ---- disks that are full or broken

TEST_F(CrashTest, BelowTheLowWaterMarkNothingIsTakenIn) {
  std::uint64_t free = 1000;
  auto options = options_for(folder);
  options.low_water_bytes = 500;
  LocalArchive archive(options, {[&] { return free; }, {}, {}});
  auto spool = archive.begin();
  spool->write(bytes_of("x"));
  free = 499;
  EXPECT_THROW(archive.begin(), OutOfResources);
  EXPECT_THROW(archive.store(std::move(spool), record_of(1, 1, 1, bytes_of("x"))), OutOfResources);
  EXPECT_EQ(bytes_below(data() / "blobs"), 0u);
  free = 500;
  EXPECT_EQ(put(archive, record_of(1, 1, 1, bytes_of("x")), bytes_of("x")), StoreOutcome::stored);
}

class FailingStep : public CrashTest, public testing::WithParamInterface<std::tuple<FileStep, int>> {};

TEST_P(FailingStep, IsNeverASuccessAndLeavesNothing) {
  const auto [step, error] = GetParam();
  std::atomic<bool> failing = true;
  const auto fault = [&, step = step, error = error](FileStep now) { return failing && now == step ? error : 0; };
  LocalArchive archive(options_for(folder), {{}, fault, {}});
  const auto content = bytes_of("slice");
  const auto attempt = [&] { put(archive, record_of(1, 1, 1, content), content); };
  if (error == ENOSPC) {
    EXPECT_THROW(attempt(), OutOfResources);
  } else {
    EXPECT_THROW(attempt(), StorageError);
  }
  EXPECT_FALSE(archive.instance(uid("3.1.1.1")));
  EXPECT_EQ(bytes_below(data() / "blobs"), 0u);

  failing = false;  // the fault ends, and the node goes on
  EXPECT_EQ(put(archive, record_of(1, 1, 1, content), content), StoreOutcome::stored);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, FailingStep,
                         testing::Combine(testing::Values(FileStep::create, FileStep::write, FileStep::sync_file,
                                                          FileStep::sync_folder),
                                          testing::Values(ENOSPC, EIO)));

TEST_F(CrashTest, NothingIsVisibleBeforeItsBytesAndItsNameAreDurable) {
  std::atomic<int> file_synced = 0, folder_synced = 0, visible_early = 0;
  const auto watch = [&](FileStep step) {
    if (step == FileStep::sync_file || step == FileStep::sync_folder) {
      auto index = open_index(data(), sqlite::Access::read_only);
      auto row = index.use("SELECT count(*) FROM instance");
      row->step();
      if (row->integer(0) != 0) ++visible_early;
      ++(step == FileStep::sync_file ? file_synced : folder_synced);
    }
    return 0;
  };
  LocalArchive archive(options_for(folder), {{}, watch, {}});
  put(archive, record_of(1, 1, 1, bytes_of("x")), bytes_of("x"));
  EXPECT_EQ(file_synced, 1);
  EXPECT_EQ(folder_synced, 1);
  EXPECT_EQ(visible_early, 0);
  EXPECT_TRUE(archive.instance(uid("3.1.1.1")));
}

/// The real thing instead of an acted one: the process may not write files beyond this size, index included.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(CrashTest, AFileTheSystemRefusesToGrowIsOutOfResources) {
  const auto archive = Archive::open(options_for(folder));
  const Bytes content(300'000);
  {
    const FileSizeLimit limit(200'000);
    EXPECT_THROW(put(*archive, record_of(1, 1, 1, content), content), OutOfResources);
  }
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::stored);
}

TEST_F(CrashTest, ALogThatIsBegunAnewHasNothingLeftInIt) {
  auto index = open_index(folder.path(), sqlite::Access::read_write);
  index.execute("CREATE TABLE kept (x); INSERT INTO kept VALUES (1)");
  sqlite::restart_log(index);
  {
    auto log = index.use("PRAGMA wal_checkpoint(PASSIVE)");
    ASSERT_TRUE(log->step());
    EXPECT_EQ(log->integer(1), log->integer(2)) << "every frame is in the data base";
  }
  index.execute("INSERT INTO kept VALUES (2)");
  auto log = index.use("PRAGMA wal_checkpoint(PASSIVE)");
  ASSERT_TRUE(log->step());
  EXPECT_LT(log->integer(1), 5) << "the next transaction stands at its beginning";
}

TEST_F(CrashTest, AnIndexThatCannotGrowFailsTheStoreAndRecovers) {
  const auto archive = Archive::open(options_for(folder));
  const auto content = bytes_of("slice");
  put(*archive, record_of(1, 1, 1, content), content);
  {
    const FileSizeLimit limit(fs::file_size(data() / "index.sqlite-wal"));
    EXPECT_THROW(put(*archive, record_of(1, 1, 2, content), content), OutOfResources);
  }
  EXPECT_FALSE(archive->instance(uid("3.1.1.2")));
  EXPECT_TRUE(archive->instance(uid("3.1.1.1")));
  EXPECT_EQ(put(*archive, record_of(1, 1, 2, content), content), StoreOutcome::stored);
  EXPECT_EQ(archive->series(uid("2.1.1")).size(), 2u);
}

// ---- kill -9

/// Stores from several threads until it is killed, and says through the pipe what was acknowledged.
[[noreturn]] void store_until_killed(const ArchiveOptions& options, int round, int acknowledgements) {
  const auto archive = Archive::open(options);
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&, sender] {
      for (int i = 0;; ++i) {
        const auto record_name = std::to_string(round) + "." + std::to_string(sender) + "." + std::to_string(i);
        Bytes content(20'000 + static_cast<std::size_t>(i % 7) * 30'000, static_cast<std::byte>(i));
        const auto text = bytes_of(record_name);
        std::copy(text.begin(), text.end(), content.begin());
        put(*archive, record_of(round, sender, i, content), content);
        const std::string line = "3." + record_name + "\n";
        if (::write(acknowledgements, line.data(), line.size()) < 0) ::_exit(1);
      }
    });
  }
  while (true) ::pause();
}

/// Reads what was acknowledged: at least so many lines, then kills the child a moment later and reads the rest.
std::vector<std::string> lines_until_killed(pid_t child, int descriptor, int at_least, useconds_t moment) {
  std::string text;
  std::array<char, 4096> buffer{};
  bool alive = true;
  for (ssize_t got = 0; (got = ::read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (!alive || std::ranges::count(text, '\n') < at_least) continue;
    ::usleep(moment);
    ::kill(child, SIGKILL);
    alive = false;
  }
  ::waitpid(child, nullptr, 0);
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(CrashTest, KilledAtRandomMomentsEveryAcknowledgedInstanceIsThereAndWhole) {
  std::minstd_rand random(20241124);
  std::size_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) store_until_killed(options_for(folder), round, ends[1]);
    ::close(ends[1]);
    const auto lines = lines_until_killed(child, ends[0], static_cast<int>(random() % 16), random() % 5'000);
    ::close(ends[0]);

    const auto archive = Archive::open(options_for(folder));
    EXPECT_EQ(archive->reconciled().rows_without_file, 0u);
    for (const auto& line : lines) {
      const auto found = archive->instance(uid(line));
      ASSERT_TRUE(found) << line << " was acknowledged in round " << round << " and is gone";
      EXPECT_EQ(digest_of(archive->read(*found)), found->record.dataset_digest) << line;
    }
    const auto rows = archive->changes_after(0, SIZE_MAX >> 1).size();
    EXPECT_EQ(files_kept(data() / "blobs"), rows) << "one file for every row";
    acknowledged += lines.size();
  }
  EXPECT_GT(acknowledged, 20u);
}

}  // namespace
}  // namespace punctum::test
