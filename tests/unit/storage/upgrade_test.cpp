// A data folder that an older program wrote: upgraded where it lies, as often as it takes, and what the older program
// did not keep is read late.

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/index/database.hpp"
#include "storage/index/index_reader.hpp"
#include "storage/sequence_keys.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/upkeep.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string code(const std::string& value) { return sequence_text({{{"CodeValue", value}}}); }

class UpgradeTest : public testing::Test {
 protected:
  /// As a program wrote it that knew only the first steps of the schema: two studies, each with a CT series of two
  /// slices and a series of two reports.
  void make_folder_of(std::size_t steps) {
    auto index = sqlite::Connection::open(index_path(folder_.path()), sqlite::Access::read_write);
    sqlite::migrate(index, sqlite::migrations().first(steps));
    for (int study = 1; study <= 2; ++study) {
      const auto number = std::to_string(study);
      index.use("INSERT INTO patient (id, identity, patient_id) VALUES (?1, 'patient\\\\P' || ?1, 'P' || ?1)")
          ->with(study)
          .run();
      index
          .use(
              "INSERT INTO study (id, patient, patient_id, study_date, study_time, study_instance_uid) VALUES (?1, ?1, "
              "'P' || ?1, '20240131', '1030', ?2)")
          ->with(study, uid("1." + number).str())
          .run();
      add_series(index, study, 1, "CT", "1.2.840.10008.5.1.4.1.1.2");
      add_series(index, study, 2, "SR", "1.2.840.10008.5.1.4.1.1.88.34");
    }
  }
  static void add_series(sqlite::Connection& index, int study, int series, const std::string& modality,
                         const std::string& sop_class) {
    const auto id = 10 * study + series;
    const auto name = std::to_string(study) + "." + std::to_string(series);
    index.use("INSERT INTO series (id, study, modality, series_instance_uid) VALUES (?, ?, ?, ?)")
        ->with(id, study, modality, uid("2." + name).str())
        .run();
    for (int instance = 1; instance <= 2; ++instance) {
      const auto sop = uid("3." + name + "." + std::to_string(instance)).str();
      index
          .use(
              "INSERT INTO instance (series, blob, file_size, dataset_offset, dataset_digest, transfer_syntax_uid, "
              "produced, source_ae_title, stored_utc_ms, sop_class_uid, sop_instance_uid) VALUES (?, ?, 1, 0, '', "
              "'1.2.840.10008.1.2.1', 0, 'MODALITY', 1, ?, ?)")
          ->with(id, "abc/" + name + "-" + std::to_string(instance), sop_class, sop)
          .run();
    }
  }

  std::vector<std::string> found(QueryLevel level, std::vector<Match> matches) {
    const std::string unique = level == QueryLevel::study ? "StudyInstanceUID" : "SOPInstanceUID";
    IndexReader reader(folder_.path(), 1);
    std::vector<std::string> uids;
    reader.query({level, std::move(matches), {}, 0}, [&](const QueryRow& row) {
      uids.push_back(row.at(unique).substr(uid("1").str().size() + 1));
      return true;
    });
    return uids;
  }
  std::int64_t version() {
    auto index = sqlite::Connection::open(index_path(folder_.path()), sqlite::Access::read_only);
    auto row = index.use("PRAGMA user_version");
    row->step();
    return row->integer(0);
  }
  void upgrade() { open_index(folder_.path(), sqlite::Access::read_write); }

  /// What the files would say: a code for each study, a request for each series, a title for each report.
  static std::optional<SequenceTexts> in_file(const StoredFile& file) {
    const auto& name = file.name;
    SequenceTexts texts{{"ProcedureCodeSequence", code(name.study_instance_uid.str())}};
    texts["RequestAttributesSequence"] =
        sequence_text({{{"RequestedProcedureID", name.series_instance_uid.str().substr(6)}}});
    if (name.sop_class_uid.str().find(".88.") != std::string::npos) {
      texts["ConceptNameCodeSequence"] = code(name.sop_instance_uid.str().ends_with(".1") ? "FIRST" : "SECOND");
    }
    return texts;
  }

  TempFolder folder_;
};

TEST_F(UpgradeTest, AFolderOfEveryOlderSchemaAnswersAsANewOne) {
  for (std::size_t steps = 1; steps < sqlite::migrations().size(); ++steps) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) std::filesystem::remove(entry.path());
    make_folder_of(steps);
    upgrade();
    EXPECT_EQ(version(), static_cast<std::int64_t>(sqlite::migrations().size()));
    EXPECT_THAT(found(QueryLevel::study, {{"ModalitiesInStudy", "SR"}}), ElementsAre("1", "2")) << steps;
    EXPECT_THAT(found(QueryLevel::study, {{"SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.88.34"}}),
                ElementsAre("1", "2"));
    EXPECT_THAT(found(QueryLevel::instance, {{"SOPClassUID", "1.2.840.10008.5.1.4.1.1.88.34"}, {"PatientID", "P2"}}),
                ElementsAre("2.2.1", "2.2.2"));
    EXPECT_THAT(Upkeep::open(folder_.path(), true)->index_faults(), IsEmpty());
  }
}

TEST_F(UpgradeTest, SequencesThatAnOlderProgramKeptAreFoundByTheirValues) {
  make_folder_of(5);
  {
    auto index = sqlite::Connection::open(index_path(folder_.path()), sqlite::Access::read_write);
    index.use("UPDATE study SET procedure_code_sequence = ? WHERE id = 2")->with(code("CODE")).run();
  }
  upgrade();
  EXPECT_THAT(found(QueryLevel::study, {{"ProcedureCodeSequence", "", {{"CodeValue", "CODE"}}}}), ElementsAre("2"));
}

TEST_F(UpgradeTest, AnUpgradeThatIsKilledHalfwayIsDoneByTheNextStart) {
  make_folder_of(5);
  const auto child = ::fork();
  if (child == 0) {
    auto index = sqlite::Connection::open(index_path(folder_.path()), sqlite::Access::read_write);
    index.execute("PRAGMA cache_size = 1");  // so that some of it is on the disk
    sqlite::Transaction transaction(index);
    index.execute(std::string(sqlite::migrations()[5].sql));
    index.execute("PRAGMA user_version = 6");
    ::_exit(0);  // as kill -9 leaves it: no commit, no rollback
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(version(), 5);
  upgrade();
  EXPECT_EQ(version(), static_cast<std::int64_t>(sqlite::migrations().size()));
  EXPECT_THAT(found(QueryLevel::study, {{"PatientID", "P1"}}), ElementsAre("1"));
}

TEST_F(UpgradeTest, SequencesOfObjectsFromBeforeTheyWereKeptAreReadLateAndOnce) {
  make_folder_of(2);
  upgrade();
  const std::vector<Match> by_code{{"ProcedureCodeSequence", "", {{"CodeValue", uid("1.2").str()}}}};
  const std::vector<Match> by_title{{"ConceptNameCodeSequence", "", {{"CodeValue", "SECOND"}}}};
  EXPECT_THAT(found(QueryLevel::study, by_code), IsEmpty());

  std::size_t files = 0;
  const ReadSequences read = [&](const StoredFile& file) {
    ++files;
    return in_file(file);
  };
  for (int calls = 0; calls < 3; ++calls) {  // each on a connection of its own, as if the node had been killed between
    EXPECT_EQ(Upkeep::open(folder_.path(), false)->read_late_sequences(1, read), 1u);
  }
  EXPECT_EQ(Upkeep::open(folder_.path(), false)->read_late_sequences(10, read), 1u);
  EXPECT_EQ(Upkeep::open(folder_.path(), false)->read_late_sequences(10, read), 0u);
  EXPECT_EQ(files, 6u) << "one slice and two reports of each study";

  EXPECT_THAT(found(QueryLevel::study, by_code), ElementsAre("2"));
  EXPECT_THAT(found(QueryLevel::study, {{"RequestAttributesSequence", "", {{"RequestedProcedureID", "2.1.2"}}}}),
              ElementsAre("1"));
  EXPECT_THAT(found(QueryLevel::instance, by_title), ElementsAre("1.2.2", "2.2.2"));
}

TEST_F(UpgradeTest, AFileThatCannotBeReadHoldsNobodyUp) {
  make_folder_of(2);
  upgrade();
  const auto upkeep = Upkeep::open(folder_.path(), false);
  EXPECT_EQ(upkeep->read_late_sequences(10, [](const StoredFile&) { return std::nullopt; }), 4u);
  EXPECT_EQ(upkeep->read_late_sequences(10, in_file), 0u);
}

TEST_F(UpgradeTest, WhatANewFolderStoresIsNeverReadAgain) {
  const auto archive = Archive::open(options_for(folder_));
  put(*archive, record_of(1, 1, 1, bytes_of("x")), bytes_of("x"));
  EXPECT_EQ(Upkeep::open(folder_.path() / "data", false)->read_late_sequences(10, in_file), 0u);
}

}  // namespace
}  // namespace punctum::test
