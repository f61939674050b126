#include "storage/upkeep/late_sequences.hpp"

#include <optional>

#include "storage/upkeep/stored_files.hpp"

namespace punctum {

namespace {

constexpr std::string_view of_study = "ProcedureCodeSequence", of_series = "RequestAttributesSequence",
                           of_instance = "ConceptNameCodeSequence";

struct Found {
  std::optional<std::string> study, series;
  std::vector<std::pair<std::int64_t, std::string>> instances;  ///< by row
};

std::optional<std::string> value_of(const SequenceTexts& texts, std::string_view keyword) {
  const auto found = texts.find(keyword);
  return found == texts.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int64_t> next_series(sqlite::Connection& connection) {
  auto row = connection.use("SELECT series FROM series_to_reread ORDER BY series LIMIT 1");
  return row->step() ? std::optional(row->integer(0)) : std::nullopt;
}

std::vector<std::string> classes_of(sqlite::Connection& connection, std::int64_t series) {
  auto row = connection.use(
      "SELECT sop_class_uid FROM series_class WHERE series = ?1 ORDER BY (SELECT min(id) FROM instance WHERE series = "
      "?1 AND instance.sop_class_uid = series_class.sop_class_uid)");
  row->with(series);
  std::vector<std::string> classes;
  while (row->step()) classes.push_back(row->text(0));
  return classes;
}

/// What is not there or damaged tells nothing.
std::vector<StoredFile> files_of(sqlite::Connection& connection, const std::filesystem::path& data_dir,
                                 std::int64_t series, const std::string& sop_class, std::int64_t after,
                                 std::int64_t most) {
  static const std::string sql =
      stored_files_sql("series.id = ? AND sop_class_uid = ? AND file_missing = 0 AND damaged = 0 AND instance.id > ?");
  auto row = connection.use(sql);
  row->with(series, sop_class, after, most);
  std::vector<StoredFile> files;
  while (row->step()) files.push_back(stored_file(*row, data_dir));
  return files;
}

/// Objects of one class in one series are alike: where the first has no title, the others are not opened.
void look_into_class(const std::vector<StoredFile>& first, const std::function<std::vector<StoredFile>()>& others,
                     const ReadSequences& read, Found& found) {
  const auto note = [&](const StoredFile& file) {
    const auto texts = read(file);
    if (!texts) return false;
    if (!found.study) found.study = value_of(*texts, of_study);
    if (!found.series) found.series = value_of(*texts, of_series);
    auto own = value_of(*texts, of_instance);
    if (!own) return false;
    found.instances.emplace_back(file.sequence, std::move(*own));
    return true;
  };
  if (first.empty() || !note(first.front())) return;
  for (const auto& file : others()) note(file);
}

Found look_into(sqlite::Connection& connection, const std::filesystem::path& data_dir, std::int64_t series,
                const ReadSequences& read) {
  Found found;
  for (const auto& sop_class : classes_of(connection, series)) {
    const auto first = files_of(connection, data_dir, series, sop_class, 0, 1);
    look_into_class(
        first, [&] { return files_of(connection, data_dir, series, sop_class, first.front().sequence, -1); }, read,
        found);
  }
  return found;
}

/// What came since the index knows sequences stays as it came.
void write_down(sqlite::Connection& connection, std::int64_t series, const Found& found) {
  sqlite::Transaction transaction(connection);
  if (found.study) {  // a study shows what its first instance says
    connection
        .use(
            "UPDATE study SET procedure_code_sequence = ?1 WHERE procedure_code_sequence IS NULL AND id = (SELECT "
            "study FROM series WHERE id = ?2) AND ?2 = (SELECT min(id) FROM series WHERE study = study.id)")
        ->with(*found.study, series)
        .run();
  }
  if (found.series) {
    connection
        .use("UPDATE series SET request_attributes_sequence = ? WHERE id = ? AND request_attributes_sequence IS NULL")
        ->with(*found.series, series)
        .run();
  }
  for (const auto& [instance, text] : found.instances) {
    connection
        .use("UPDATE instance SET concept_name_code_sequence = ? WHERE id = ? AND concept_name_code_sequence IS NULL")
        ->with(text, instance)
        .run();
  }
  connection.use("DELETE FROM series_to_reread WHERE series = ?")->with(series).run();
  transaction.commit();
}

}  // namespace

std::size_t read_late_sequences(sqlite::Connection& connection, const std::filesystem::path& data_dir,
                                std::size_t most_series, const ReadSequences& read) {
  std::size_t done = 0;
  for (; done < most_series; ++done) {
    const auto series = next_series(connection);
    if (!series) break;
    write_down(connection, *series, look_into(connection, data_dir, *series, read));
  }
  return done;
}

}  // namespace punctum
