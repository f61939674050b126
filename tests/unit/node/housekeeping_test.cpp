// The disk watch, the scrubber and the rules of retention; and the commands that work on a data folder.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "dicom/types/error.hpp"
#include "node/housekeeping/disk_watch.hpp"
#include "node/housekeeping/housekeeper.hpp"
#include "node/housekeeping/late_sequences.hpp"
#include "node/housekeeping/retention.hpp"
#include "node/housekeeping/scrubber.hpp"
#include "node/ingest/open_archive.hpp"
#include "storage/index/database.hpp"
#include "storage/local_archive.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> kinds(const WorkStores& stores) {
  std::vector<std::string> all;
  for (const auto& event : stores.events->list(100)) all.push_back(event.kind);
  return all;
}

void damage(const fs::path& file) {
  fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(fs::file_size(file) - 1));
  stream << '\x55';
}

constexpr auto never_tired = [](std::size_t) { return true; };

TEST(DiskWatch, TellsWhenRoomIsShortAndWhenItIsBack) {
  TempDir folder;
  std::uint64_t free = 1000;
  ArchiveOptions options;
  options.data_dir = folder.path();
  options.low_water_bytes = 500;
  LocalArchive archive(options, {[&] { return free; }, {}, {}});
  const auto stores = open_work_stores(folder.path());
  DiskWatch watch(archive);
  watch.look();
  EXPECT_TRUE(watch.has_room());
  free = 499;
  for (int i = 0; i < 3; ++i) watch.look();
  EXPECT_FALSE(watch.has_room());
  EXPECT_THAT(kinds(stores), ElementsAre(event_kind::disk_low));
  free = 500;
  watch.look();
  EXPECT_TRUE(watch.has_room());
  EXPECT_THAT(kinds(stores), testing::UnorderedElementsAre(event_kind::disk_low, event_kind::disk_recovered));
}

TEST(Scrubber, FindsADamagedFileOnceAndSeesItHealed) {
  MemoryOfANode node;
  const auto slices = std::vector{CtSliceBuilder{}.instance(1).build(), CtSliceBuilder{}.instance(2).build(),
                                  CtSliceBuilder{}.instance(3).build()};
  node.receive(slices);
  const auto upkeep = Upkeep::open(node.folder.path(), false);
  Scrubber scrubber(*upkeep, *node.stores.followers);
  EXPECT_EQ(scrubber.work(10, never_tired).damaged, 0u);
  damage(node.archive->local_path(*node.archive->instance(slices[1].uid())));
  const auto pass = scrubber.work(10, never_tired);
  EXPECT_EQ(pass.files, 3u);
  EXPECT_EQ(pass.damaged, 1u);
  EXPECT_TRUE(pass.finished);
  EXPECT_EQ(scrubber.work(10, never_tired).damaged, 0u) << "told once";
  EXPECT_THAT(kinds(node.stores), ElementsAre(event_kind::damaged));
  EXPECT_THROW(node.archive->read(*node.archive->instance(slices[1].uid())), StorageError);
  node.receive(slices[1].file);
  EXPECT_EQ(node.stored_dataset(slices[1].uid()), dataset_of(slices[1].file));
  EXPECT_EQ(scrubber.work(10, never_tired).damaged, 0u);
}

TEST(Scrubber, GoesOnWhereItWasBrokenOff) {
  MemoryOfANode node;
  for (int i = 1; i <= 5; ++i) node.receive(CtSliceBuilder{}.instance(i).build().file);
  const auto upkeep = Upkeep::open(node.folder.path(), false);
  std::size_t files = 0;
  Scrubber scrubber(*upkeep, *node.stores.followers);
  const auto broken_off = scrubber.work(10, [&](std::size_t) { return ++files <= 2; });
  EXPECT_EQ(broken_off.files, 2u);
  EXPECT_FALSE(broken_off.finished);
  Scrubber later(*upkeep, *node.stores.followers);
  EXPECT_EQ(later.work(10, never_tired).files, 3u);
}

TEST(Retention, RemovesOldStudiesButNotWhatIsUndelivered) {
  MemoryOfANode node;
  node.receive(CtSliceBuilder{}.series("old").build().file);
  const auto now =
      node.archive->instance(CtSliceBuilder{}.series("old").build().uid())->stored_utc_ms + 100LL * 86'400'000;
  const auto upkeep = Upkeep::open(node.folder.path(), false);
  const auto go_on = [] { return true; };
  EXPECT_EQ(apply_retention(*upkeep, *node.archive, std::chrono::days(0), now, go_on), 0u) << "off by default";
  EXPECT_EQ(apply_retention(*upkeep, *node.archive, std::chrono::days(101), now, go_on), 0u) << "not old enough";
  EXPECT_EQ(apply_retention(*upkeep, *node.archive, std::chrono::days(99), now, go_on), 0u)
      << "nobody looked for clicks";
  EXPECT_THAT(kinds(node.stores), ElementsAre(event_kind::deletion_held));
  for (const auto& follower : followers_before_deletion()) {
    node.stores.followers->advance(follower, node.archive->last_sequence());
  }
  EXPECT_EQ(apply_retention(*upkeep, *node.archive, std::chrono::days(99), now, go_on), 1u);
  EXPECT_EQ(node.archive->changes_after(0, 10).size(), 0u);
  EXPECT_THAT(upkeep->index_faults(), IsEmpty());
}

TEST(Housekeeper, ReadsAtItsPaceAndStopsAtOnce) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  node.receive(slice.file);
  damage(node.archive->local_path(*node.archive->instance(slice.uid())));
  StorageConfig rules;
  rules.scrub_mb_per_s = 100;
  Housekeeper keeper(*node.archive, *node.stores.followers, Upkeep::open(node.folder.path(), false), rules,
                     system_clock());
  std::jthread thread([&](const std::stop_token& stop) { keeper.run(stop); });
  for (int i = 0; i < 300 && kinds(node.stores).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(kinds(node.stores), ElementsAre(event_kind::damaged));
  EXPECT_TRUE(keeper.disk().has_room());
}

TEST(Housekeeper, RemovesWhatIsOldBesideItsOtherWorkAndItsFiles) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  node.receive(slice.file);
  const auto stored = *node.archive->instance(slice.uid());
  for (const auto& follower : followers_before_deletion()) {
    node.stores.followers->advance(follower, node.archive->last_sequence());
  }
  StorageConfig rules;
  rules.retention = std::chrono::days(30);
  Housekeeper keeper(*node.archive, *node.stores.followers, Upkeep::open(node.folder.path(), false), rules,
                     [&] { return stored.stored_utc_ms + 31LL * 86'400'000; });
  std::jthread thread([&](const std::stop_token& stop) { keeper.run(stop); });
  const auto file = node.archive->local_path(stored);
  for (int i = 0; i < 300 && fs::exists(file); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(fs::exists(file));
  EXPECT_FALSE(node.archive->instance(slice.uid()).has_value());
  EXPECT_THAT(kinds(node.stores), ElementsAre(event_kind::study_deleted));
}

Part10File with_sequences(const Part10File& file) {
  const auto dataset = parse_part10(file.bytes, Extent::whole);
  DcmItem* item = nullptr;
  dataset->findOrCreateSequenceItem(DcmTag(0x0008, 0x1032), item);
  item->putAndInsertString(DcmTag(0x0008, 0x0100), "P7");
  dataset->findOrCreateSequenceItem(DcmTag(0x0040, 0x0275), item);
  item->putAndInsertString(DcmTag(0x0040, 0x1001), "RP7");
  return to_part10(*dataset);
}

TEST(LateSequences, AreReadFromFilesThatAnOlderProgramStored) {
  MemoryOfANode node;
  node.receive(with_sequences(CtSliceBuilder{}.build().file));
  const auto matching = [&] {
    std::size_t rows = 0;
    const Match procedure{"ProcedureCodeSequence", "", {{"CodeValue", "P7"}}};
    const Match request{"RequestAttributesSequence", "", {{"RequestedProcedureID", "RP7"}}};
    node.archive->query({QueryLevel::series, {procedure, request}, {}}, [&](const QueryRow&) { return ++rows > 0; });
    return rows;
  };
  ASSERT_EQ(matching(), 1u);
  open_index(node.folder.path(), sqlite::Access::read_write)
      .execute(
          "UPDATE study SET procedure_code_sequence = NULL; UPDATE series SET request_attributes_sequence = NULL;"
          "INSERT INTO series_to_reread SELECT id FROM series");
  ASSERT_EQ(matching(), 0u);
  const auto upkeep = Upkeep::open(node.folder.path(), false);
  EXPECT_FALSE(read_some_late_sequences(*upkeep, [] { return false; })) << "told to stop";
  EXPECT_TRUE(read_some_late_sequences(*upkeep, [] { return true; }));
  EXPECT_EQ(matching(), 1u);
}

TEST(LateSequences, OfAFileThatIsNotThereAreNothing) {
  const StoredFile file{0,  CtSliceBuilder{}.build().file.name, {}, "/no/such/file", 100, 0,
                        {}, Uid::require("1.2.840.10008.1.2.1")};
  EXPECT_EQ(sequences_in(file), std::nullopt);
}

TEST(Identity, ACtThatComesAgainInAnotherEncodingIsASuccessAndAnEvent) {
  TempDir folder;
  Config config;
  config.data_dir = folder.path();
  config.min_free_mb = 1;
  const auto archive = open_archive(config);
  Ingest ingest(*archive);
  const auto explicit_vr = CtSliceBuilder{}.build();
  const auto implicit_vr = CtSliceBuilder{}.transfer_syntax("1.2.840.10008.1.2").build();
  ASSERT_EQ(explicit_vr.uid(), implicit_vr.uid());
  const auto receive = [&](const Part10File& file) {
    const auto sink = ingest.begin_store(MemoryOfANode::request_for(file));
    sink->write(dataset_of(file));
    sink->finish();
  };
  receive(explicit_vr.file);
  EXPECT_NO_THROW(receive(implicit_vr.file));
  EXPECT_THROW(receive(CtSliceBuilder{}.hu([](int, int) { return 77; }).build().file), IdentityConflict);
  EXPECT_THAT(kinds(open_work_stores(folder.path(), true)),
              testing::UnorderedElementsAre(event_kind::same_content, event_kind::identity_conflict));
}

TEST(Identity, WhatCannotBeParsedIsAnEventWithItsReason) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  const auto sink = node.ingest.begin_store(node.request_for(slice.file));
  sink->write(ByteView(slice.file.bytes).first(300));
  EXPECT_THROW(sink->finish(), DicomError);
  const auto events = node.stores.events->list(10);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, event_kind::quarantined);
  EXPECT_EQ(events[0].sop_instance_uid, slice.uid().str());
  EXPECT_FALSE(events[0].detail.empty());
}

}  // namespace
}  // namespace punctum::test
