#include "tests/benchmarks/fill_index.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "storage/blobs/name_pool.hpp"
#include "storage/index/database.hpp"
#include "storage/index/index_writer.hpp"
#include "tests/benchmarks/hospital.hpp"

namespace punctum::benchmark {

namespace {

constexpr std::size_t series_a_turn = 400;

/// Copies one row of `instance`, with names of its own. ?1 the row, ?2 how many, ?3 beginning of the UID, ?4 whether
/// they count on, ?5 folder of the files.
std::string copy_sql(sqlite::Connection& connection) {
  std::string columns, values;
  auto column = connection.prepare("SELECT name FROM pragma_table_info('instance') WHERE name <> 'id'");
  while (column.step()) {
    const auto name = column.text(0);
    const auto separator = columns.empty() ? "" : ", ";
    columns += separator + name;
    values += separator;
    if (name == "sop_instance_uid") {
      values += "CASE WHEN ?4 THEN ?3 || n ELSE '2.25.1' || abs(random()) || abs(random()) END";
    } else if (name == "instance_number") {
      values += "n";
    } else if (name == "blob") {
      values += "?5 || lower(hex(randomblob(16)))";
    } else {
      values += name;
    }
  }
  return "WITH RECURSIVE number (n) AS (SELECT 2 WHERE ?2 > 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?2) "
         "INSERT INTO instance (" +
         columns + ") SELECT " + values + " FROM number CROSS JOIN instance WHERE instance.id = ?1";
}

std::vector<MadeSeries> next_series(Hospital& hospital, std::size_t most_instances, Filled& filled) {
  std::vector<MadeSeries> all;
  while (all.size() < series_a_turn && filled.instances < most_instances) {
    ++filled.studies;
    for (auto& series : hospital.next_study()) {
      ++filled.series;
      filled.instances += static_cast<std::size_t>(series.instances);
      all.push_back(std::move(series));
    }
  }
  return all;
}

void add(IndexWriter& writer, const std::string& copy, const std::vector<MadeSeries>& all) {
  std::vector<PendingInstance> pending(all.size());
  std::vector<PendingInstance*> group;
  for (std::size_t i = 0; i < all.size(); ++i) {
    pending[i].record = &all[i].first;
    pending[i].blob = random_name().insert(3, "/");  // 4096 folders, as the archive has them
    pending[i].file_size = 525'344;
    pending[i].stored_utc_ms = utc_ms_now();
    group.push_back(&pending[i]);
  }
  writer.add(group);
  auto& connection = writer.connection();
  sqlite::Transaction transaction(connection);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto uid = all[i].first.name.sop_instance_uid.str();
    if (all[i].counted_uids) uid.pop_back();
    const auto folder = pending[i].blob.substr(0, 4);
    connection.use(copy)->with(pending[i].sequence, all[i].instances, uid, all[i].counted_uids, folder).run();
  }
  transaction.commit();
}

}  // namespace

Filled fill_index(const std::filesystem::path& data_dir, std::size_t instances) {
  std::filesystem::create_directories(data_dir);
  IndexWriter writer(open_index(data_dir, sqlite::Access::read_write));
  writer.connection().execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;");
  const auto copy = copy_sql(writer.connection());
  Hospital hospital(1);
  Filled filled;
  while (filled.instances < instances) add(writer, copy, next_series(hospital, instances, filled));
  writer.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)");
  return filled;
}

void make_files(const std::filesystem::path& data_dir) {
  auto connection = open_index(data_dir, sqlite::Access::read_only);
  auto row = connection.prepare("SELECT blob FROM instance ORDER BY id");
  while (row.step()) {
    const auto blob = row.text(0);
    std::filesystem::create_directories(data_dir / "blobs" / blob.substr(0, blob.find('/')));
    const int file = ::open((data_dir / "blobs" / blob).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, S_IRUSR);
    if (file < 0) throw std::runtime_error("cannot make a file for every row: no room");
    ::close(file);
  }
}

}  // namespace punctum::benchmark
