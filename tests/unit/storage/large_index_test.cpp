// A filled index, small enough for every run: which way questions go, that the way does not change the answer, and how
// the work grows. tests/benchmarks/index_bench measures the same questions on a million instances.

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "storage/index/database.hpp"
#include "storage/index/index_reader.hpp"
#include "storage/index/narrowing.hpp"
#include "storage/index/query_sql.hpp"
#include "tests/benchmarks/arrivals.hpp"
#include "tests/benchmarks/fill_index.hpp"
#include "tests/benchmarks/questions.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using benchmark::Question;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LargeIndexTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    benchmark::fill_index(folder_->path(), 20'000);
    auto index = open_index(folder_->path(), sqlite::Access::read_only);
    questions_ = benchmark::all_questions(index);
  }
  static void TearDownTestSuite() {
    questions_.clear();
    folder_.reset();
  }

  static std::vector<QueryRow> answer(const Query& query) {
    IndexReader reader(folder_->path(), 1);
    std::vector<QueryRow> rows;
    reader.query(query, [&](const QueryRow& row) {
      rows.push_back(row);
      return true;
    });
    return rows;
  }

  static std::unique_ptr<TempFolder> folder_;
  static std::vector<Question> questions_;
};
std::unique_ptr<TempFolder> LargeIndexTest::folder_;
std::vector<Question> LargeIndexTest::questions_;

/// The steps of a plan in which SQLite goes through all rows of a table, and not through an index that has the answer.
std::string scans_in(sqlite::Connection& index, const SqlText& sql) {
  auto plan = index.prepare("EXPLAIN QUERY PLAN " + sql.text);
  int parameter = 0;
  for (const auto& value : sql.values) plan.bind(++parameter, std::string_view(value));
  std::string scans;
  while (plan.step()) {
    const auto step = plan.text(3);
    const bool is_json = step.find("VIRTUAL TABLE") != std::string::npos;
    if (step.starts_with("SCAN ") && !is_json && step.find("USING COVERING INDEX") == std::string::npos) {
      scans += step + "\n";
    }
  }
  return scans;
}

TEST_F(LargeIndexTest, NoQuestionGoesThroughAllRowsOfATableWhereAnIndexIsMeant) {
  auto index = open_index(folder_->path(), sqlite::Access::read_only);
  for (const auto& question : questions_) {
    const auto sql = ids_statement(question.ask(0));
    if (sql.values.empty()) continue;  // everything was asked for
    EXPECT_THAT(scans_in(index, sql), IsEmpty()) << question.name << "\n" << sql.text;
  }
  EXPECT_THAT(scans_in(index, ids_statement({QueryLevel::instance, {{"Rows", "512"}}, {}, 0})), Not(IsEmpty()))
      << "this test would see a scan";
}

TEST_F(LargeIndexTest, ASearchThatIsDisturbedHoldsNothingAndAnswersTheSame) {
  const Query all_rows{QueryLevel::instance, {{"Rows", "512"}}, {}, 0};
  IndexReader reader(folder_->path(), 1);
  int looks = 0, pauses = 0;
  std::vector<QueryRow> rows;
  const auto take = [&](const QueryRow& row) {
    rows.push_back(row);
    return true;
  };
  reader.query(all_rows, take,
               {[&] { return ++looks % 4 == 3 && pauses < 5; },
                [&] {
                  ++pauses;
                  return reader.last_sequence() > 0;  // would wait for ever for the only connection
                }});
  EXPECT_EQ(pauses, 5);
  EXPECT_THAT(rows, Not(IsEmpty()));
  EXPECT_EQ(rows, answer(all_rows));

  rows.clear();
  reader.query(all_rows, take, {[] { return true; }, [] { return false; }});
  EXPECT_THAT(rows, IsEmpty()) << "nobody wants them any more";
}

TEST_F(LargeIndexTest, NoAnswerIsReadByGoingThroughATable) {
  auto index = open_index(folder_->path(), sqlite::Access::read_only);
  for (const auto level : {QueryLevel::patient, QueryLevel::study, QueryLevel::series, QueryLevel::instance}) {
    std::vector<std::string> all;
    for (const auto& key : query_keys()) all.emplace_back(key.keyword);
    EXPECT_THAT(scans_in(index, {row_statement({level, {}, all, 0}).sql, {}}), Not(HasSubstr("SCAN s")))
        << table_name(level);
  }
}

TEST_F(LargeIndexTest, TheSideFromWhichAQuestionIsOpenedDoesNotChangeItsAnswer) {
  const Match everybody{"PatientBirthDate", "19000101-29991231"};  // an index finds it, so rows are asked one by one
  for (const auto& question : questions_) {
    for (const int i : {0, 17, 40}) {
      if (i > 0 && question.shape == Question::Shape::broad) break;
      auto query = question.ask(i);
      query.limit = 0;
      const auto opened_by_index = answer(query);
      query.matches.push_back(everybody);
      const auto opened_by_rows = answer(query);
      EXPECT_TRUE(opened_by_index == opened_by_rows)
          << question.name << ": " << opened_by_index.size() << " rows, " << opened_by_rows.size() << " rows";
    }
  }
}

TEST_F(LargeIndexTest, ALimitGivesTheFirstRowsOfTheWholeAnswer) {
  for (const auto& question : questions_) {
    auto query = question.ask(3);
    query.limit = 0;
    auto all = answer(query);
    query.limit = 40;
    all.resize(std::min<std::size_t>(all.size(), 40));
    EXPECT_TRUE(answer(query) == all) << question.name;
  }
}

/// How many instructions of its machine SQLite takes: work without a clock.
class Steps {
 public:
  explicit Steps(const std::filesystem::path& data_dir) {
    sqlite3_open_v2(index_path(data_dir).c_str(), &database_, SQLITE_OPEN_READONLY, nullptr);
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;
  ~Steps() { sqlite3_close_v2(database_); }

  int of(const SqlText& sql) const {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database_, sql.text.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql.text;
    int parameter = 0;
    for (const auto& value : sql.values) {
      sqlite3_bind_text(statement, ++parameter, value.c_str(), static_cast<int>(value.size()), nullptr);
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    const int steps = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    sqlite3_finalize(statement);
    return steps;
  }

 private:
  sqlite3* database_ = nullptr;
};

TEST_F(LargeIndexTest, ANarrowQuestionTakesASmallPartOfTheWorkOfLookingAtEveryInstance) {
  const Steps steps(folder_->path());
  const int all = steps.of({"SELECT id FROM instance WHERE rows = '7'", {}});
  ASSERT_GT(all, 20'000);
  for (const auto& question : questions_) {
    const auto sql = ids_statement(question.ask(5));
    if (question.shape != Question::Shape::narrow || sql.values.empty()) continue;
    EXPECT_LT(steps.of(sql), all / 8) << question.name << "\n" << sql.text;
  }
}

TEST_F(LargeIndexTest, AnArrivalCostsAboutWhatItCostsInAnEmptyIndex) {
  const TempFolder filled, empty;
  std::filesystem::copy(index_path(folder_->path()), index_path(filled.path()));
  const auto ingest = benchmark::compare_ingest(filled.path(), empty.path(), 5);
  EXPECT_GT(benchmark::percentile(ingest.cpu, 0.5), 0.6);
}

/// The first columns of a table's indexes.
std::vector<std::string> indexed_columns(sqlite::Connection& index, std::string_view table) {
  auto row = index.prepare("SELECT info.name FROM pragma_index_list('" + std::string(table) +
                           "') AS list, pragma_index_info(list.name) AS info WHERE info.seqno = 0");
  std::vector<std::string> names;
  while (row.step()) names.push_back(row.text(0));
  return names;
}

TEST(Narrowing, EveryKeyThatIsSaidToFindRowsBeginsAnIndex) {
  const TempFolder folder;
  auto index = open_index(folder.path(), sqlite::Access::read_write);
  for (const auto& key : query_keys()) {
    if (key.computed || key.kind == KeyKind::sequence) continue;
    if (reach_of({std::string(key.keyword), "1"}) == Reach::all_rows) continue;
    const auto& column = *column_of(key.keyword);
    const auto& name = column.folded.empty() ? column.name : column.folded;
    const bool of_class = key.keyword == "SOPClassUID";
    EXPECT_THAT(indexed_columns(index, of_class ? "series_class" : table_name(key.level)), testing::Contains(name));
    if (key.level == QueryLevel::patient) {
      EXPECT_THAT(indexed_columns(index, "study"), testing::Contains(name));
    }
  }
}

TEST(Narrowing, AKeyFindsFewRowsOnlyByABeginning) {
  const auto reach = [](const char* keyword, const char* pattern) { return reach_of({keyword, pattern}); };
  EXPECT_EQ(reach("PatientName", "doe*"), Reach::few_by_index);
  EXPECT_EQ(reach("PatientName", "*doe"), Reach::all_rows);
  EXPECT_EQ(reach("PatientName", ""), Reach::all_rows);
  EXPECT_EQ(reach("StudyDate", "20240101-20240131"), Reach::few_by_index);
  EXPECT_EQ(reach("StudyDate", "20240101-"), Reach::all_rows);
  EXPECT_EQ(reach("StudyDate", "-20240101"), Reach::all_rows);
  EXPECT_EQ(reach("StudyInstanceUID", ""), Reach::all_rows);
  EXPECT_EQ(reach("StudyInstanceUID", "1.2\\"), Reach::few_by_index);
  EXPECT_EQ(reach("AccessionNumber", "A1\\*"), Reach::all_rows);
  EXPECT_EQ(reach("ModalitiesInStudy", "CT"), Reach::many_by_index);
  EXPECT_EQ(reach("PatientSex", "F"), Reach::all_rows);
  EXPECT_EQ(reach("NoSuchKey", "x"), Reach::all_rows);
}

}  // namespace
}  // namespace punctum::test
