#include "storage/index/index_writer.hpp"

#include <nlohmann/json.hpp>

#include "dicom/types/dataset_hash.hpp"
#include "storage/index/columns.hpp"
#include "storage/index/event_rows.hpp"
#include "storage/index/folding.hpp"
#include "storage/index/normal_form.hpp"

namespace punctum {

namespace {

std::optional<std::string> value_of(const InstanceRecord& record, const QueryKeyDefinition& key) {
  if (key.keyword == "StudyInstanceUID") return record.name.study_instance_uid.str();
  if (key.keyword == "SeriesInstanceUID") return record.name.series_instance_uid.str();
  if (key.keyword == "SOPInstanceUID") return record.name.sop_instance_uid.str();
  if (key.keyword == "SOPClassUID") return record.name.sop_class_uid.str();
  const auto found = record.attributes.find(key.keyword);
  if (found == record.attributes.end()) return std::nullopt;
  auto value = normal_form(key.kind, found->second);
  return value.empty() ? std::nullopt : std::optional(std::move(value));
}

/// The levels whose columns a table carries: a study row repeats the patient's.
std::span<const QueryLevel> levels_in(QueryLevel table) {
  static constexpr QueryLevel patient[]{QueryLevel::patient}, study[]{QueryLevel::patient, QueryLevel::study},
      series[]{QueryLevel::series}, instance[]{QueryLevel::instance};
  switch (table) {
    case QueryLevel::patient:
      return patient;
    case QueryLevel::study:
      return study;
    case QueryLevel::series:
      return series;
    default:
      return instance;
  }
}

template <class Function>
void for_each_column(QueryLevel table, Function&& function) {
  for (const QueryLevel level : levels_in(table)) {
    for (const auto& column : columns_of(level)) function(column);
  }
}

std::string insert_sql(QueryLevel table, std::string_view further_columns, int further) {
  std::string names(further_columns), marks = "?";
  for (int i = 1; i < further; ++i) marks += ", ?";
  for_each_column(table, [&](const KeyColumn& column) {
    names += ", " + column.name;
    marks += ", ?";
    if (!column.folded.empty()) {
      names += ", " + column.folded;
      marks += ", ?";
    }
  });
  return "INSERT INTO " + std::string(table_name(table)) + " (" + names + ") VALUES (" + marks + ")";
}

void bind_columns(sqlite::Statement& statement, int parameter, QueryLevel table, const InstanceRecord& record) {
  for_each_column(table, [&](const KeyColumn& column) {
    const auto value = value_of(record, *column.key);
    statement.bind_optional(parameter++, value);
    if (!column.folded.empty()) {
      statement.bind_optional(parameter++, value ? std::optional(fold_person_name(*value)) : std::nullopt);
    }
  });
}

std::string patient_identity(const InstanceRecord& record) {
  const auto id = value_of(record, *query_key("PatientID"));
  if (!id) return "study\\" + record.name.study_instance_uid.str();
  return "patient\\" + value_of(record, *query_key("IssuerOfPatientID")).value_or("") + "\\" + *id;
}

/// Which attributes say that two people share a Patient ID; empty: none. Absence contradicts nothing.
std::string contradiction(const sqlite::Statement& patient, const InstanceRecord& record) {
  const auto differs = [&](int column, std::string_view keyword) {
    const auto known = patient.optional_text(column), now = value_of(record, *query_key(keyword));
    if (!known || !now) return false;
    return keyword == "PatientName" ? fold_person_name(*known) != fold_person_name(*now) : *known != *now;
  };
  std::string names;
  if (differs(1, "PatientName")) names += " PatientName";
  if (differs(2, "PatientBirthDate")) names += " PatientBirthDate";
  if (differs(3, "PatientSex")) names += " PatientSex";
  return names;
}

std::int64_t patient_row(sqlite::Connection& connection, const InstanceRecord& record, std::int64_t utc_ms) {
  const std::string identity = patient_identity(record);
  {
    auto known =
        connection.use("SELECT id, patient_name, patient_birth_date, patient_sex FROM patient WHERE identity = ?");
    if (known->with(identity).step()) {
      if (const auto names = contradiction(*known, record); !names.empty()) {
        add_event(connection,
                  {.kind = std::string(event_kind::patient_mismatch),
                   .study_instance_uid = record.name.study_instance_uid.str(),
                   .source_ae_title = record.source_ae_title,
                   .detail = "differs from an earlier study of the same Patient ID:" + names},
                  utc_ms);
      }
      return known->integer(0);
    }
  }
  static const std::string sql = insert_sql(QueryLevel::patient, "identity", 1);
  auto insert = connection.use(sql);
  insert->bind(1, identity);
  bind_columns(*insert, 2, QueryLevel::patient, record);
  insert->run();
  return connection.last_insert_id();
}

std::string read_row_sql(QueryLevel table, std::string_view unique_column) {
  std::string sql = "SELECT id";
  for_each_column(table, [&](const KeyColumn& column) { sql += ", " + column.name; });
  return sql + " FROM " + std::string(table_name(table)) + " WHERE " + std::string(unique_column) + " = ?";
}

/// Notes where the instance says something else than the row of its study or series, which keeps what came first.
void note_differences(const sqlite::Statement& row, QueryLevel table, const InstanceRecord& record,
                      nlohmann::json& differing) {
  int index = 1;
  for_each_column(table, [&](const KeyColumn& column) {
    const auto value = value_of(record, *column.key);
    if (row.optional_text(index++) == value) return;
    differing[std::string(column.key->keyword)] = value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  });
}

/// Kept, but somebody should look: what came first stays in the row, the instance keeps its own.
void tell_of_differences(sqlite::Connection& connection, const InstanceRecord& record, std::string_view kind,
                         const nlohmann::json& differing, std::int64_t utc_ms) {
  if (differing.empty()) return;
  std::string names = kind == event_kind::series_inconsistent ? "series " + record.name.series_instance_uid.str() + ":"
                                                              : std::string("instances differ in:");
  for (const auto& [keyword, value] : differing.items()) names += " " + keyword;
  add_event(connection,
            {.kind = std::string(kind),
             .study_instance_uid = record.name.study_instance_uid.str(),
             .source_ae_title = record.source_ae_title,
             .detail = std::move(names)},
            utc_ms);
}

std::int64_t study_row(sqlite::Connection& connection, const InstanceRecord& record, std::int64_t utc_ms,
                       nlohmann::json& differing) {
  {
    static const std::string sql = read_row_sql(QueryLevel::study, "study_instance_uid");
    auto known = connection.use(sql);
    if (known->with(record.name.study_instance_uid.str()).step()) {
      note_differences(*known, QueryLevel::study, record, differing);
      return known->integer(0);
    }
  }
  const std::int64_t patient = patient_row(connection, record, utc_ms);
  static const std::string sql = insert_sql(QueryLevel::study, "patient", 1);
  auto insert = connection.use(sql);
  insert->bind(1, patient);
  bind_columns(*insert, 2, QueryLevel::study, record);
  insert->run();
  return connection.last_insert_id();
}

std::int64_t series_row(sqlite::Connection& connection, const InstanceRecord& record, std::int64_t study,
                        nlohmann::json& differing) {
  {
    static const std::string sql = read_row_sql(QueryLevel::series, "study = ? AND series_instance_uid");
    auto known = connection.use(sql);
    if (known->with(study, record.name.series_instance_uid.str()).step()) {
      note_differences(*known, QueryLevel::series, record, differing);
      return known->integer(0);
    }
  }
  static const std::string sql = insert_sql(QueryLevel::series, "study", 1);
  auto insert = connection.use(sql);
  insert->bind(1, study);
  bind_columns(*insert, 2, QueryLevel::series, record);
  insert->run();
  return connection.last_insert_id();
}

}  // namespace

void Known::set_other_bytes() {
  difference = "its data set has other bytes";
  only_bytes_differ = true;
}

bool may_be_replaced(const Known& known) {
  return known.id != 0 && (known.difference.empty() || known.only_bytes_differ);
}

Known known_instance(sqlite::Connection& connection, const InstanceRecord& record) {
  auto row = connection.use(
      "SELECT instance.id, dataset_digest, sop_class_uid, series_instance_uid, study_instance_uid, "
      "file_missing OR damaged, max(stored_utc_ms, confirmed_utc_ms) "
      "FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study "
      "WHERE sop_instance_uid = ?");
  if (!row->with(record.name.sop_instance_uid.str()).step()) return {};
  Known known{Standing::same, row->integer(0), {}, false, row->integer(6), {row->text(1)}};
  if (row->text(4) != record.name.study_instance_uid.str()) {
    known.difference = "it belongs to another study";
  } else if (row->text(3) != record.name.series_instance_uid.str()) {
    known.difference = "it belongs to another series";
  } else if (row->text(2) != record.name.sop_class_uid.str()) {
    known.difference = "it is of another SOP class";
  } else if (known.dataset_digest != record.dataset_digest) {
    known.set_other_bytes();
  }
  const bool is_lost = row->integer(5) != 0;
  if (is_lost && (known.difference.empty() || known.only_bytes_differ)) {
    known.standing = Standing::lost;  // what comes from the same series may take its place, in whatever encoding
  } else if (!known.difference.empty()) {
    known.standing = Standing::conflict;
  }
  return known;
}

bool is_comparable(const Known& known, const InstanceRecord& record) {
  return known.id == 0 || DatasetHash::are_comparable(known.dataset_digest, record.dataset_digest);
}

Event identity_conflict(const InstanceRecord& record, const std::string& difference) {
  return {.kind = std::string(event_kind::identity_conflict),
          .sop_instance_uid = record.name.sop_instance_uid.str(),
          .study_instance_uid = record.name.study_instance_uid.str(),
          .source_ae_title = record.source_ae_title,
          .detail = "refused: one with this UID is stored already, and " + difference};
}

void IndexWriter::add(std::span<PendingInstance* const> pending) {
  if (log_in_doubt_) sqlite::restart_log(connection_);
  log_in_doubt_ = false;
  sqlite::Transaction transaction(connection_);
  for (auto* one : pending) {
    if (one->record != nullptr) add_one(*one);
    if (one->note != nullptr) add_event(connection_, *one->note, one->stored_utc_ms);
  }
  for (auto* one : pending) one->in_doubt = true;
  log_in_doubt_ = true;
  transaction.commit();
  log_in_doubt_ = false;
  for (auto* one : pending) one->in_doubt = false;
}

void IndexWriter::confirm(PendingInstance& pending) {
  pending.result = pending.known.id == 0 ? PendingInstance::Result::gone : PendingInstance::Result::already_there;
  connection_.use("UPDATE study SET confirmed_utc_ms = ? WHERE study_instance_uid = ?")
      ->with(pending.stored_utc_ms, pending.record->name.study_instance_uid.str())
      .run();
}

void IndexWriter::add_one(PendingInstance& pending) {
  const InstanceRecord& record = *pending.record;
  if (pending.sound_id != 0) {
    connection_.use("UPDATE instance SET file_missing = 0, damaged = 0 WHERE id = ?")->with(pending.sound_id).run();
  }
  pending.known = known_instance(connection_, record);
  if (pending.only_confirm) return confirm(pending);
  Known& known = pending.known;
  if (known.id == pending.unsound_id && may_be_replaced(known)) known.standing = Standing::lost;
  // Marked since the caller looked: other bytes take a place only after its file was read.
  if (known.standing == Standing::lost && known.only_bytes_differ && known.id != pending.unsound_id) {
    known.standing = Standing::conflict;
  }
  if (known.standing == Standing::same) {
    pending.result = PendingInstance::Result::already_there;
    return;
  }
  if (known.standing == Standing::conflict) {
    pending.result = PendingInstance::Result::conflict;
    return;
  }
  if (known.standing == Standing::lost) make_way(known, pending);
  auto of_study = nlohmann::json::object(), of_series = nlohmann::json::object();
  const auto study = study_row(connection_, record, pending.stored_utc_ms, of_study);
  const auto series = series_row(connection_, record, study, of_series);
  tell_of_differences(connection_, record, event_kind::study_inconsistent, of_study, pending.stored_utc_ms);
  tell_of_differences(connection_, record, event_kind::series_inconsistent, of_series, pending.stored_utc_ms);
  of_study.update(of_series);
  constexpr int own = 10;
  static const std::string sql =
      insert_sql(QueryLevel::instance,
                 "series, blob, file_size, dataset_offset, dataset_digest, transfer_syntax_uid, produced, "
                 "source_ae_title, stored_utc_ms, differing",
                 own);
  auto insert = connection_.use(sql);
  insert->bind(1, series).bind(2, pending.blob).bind(3, static_cast<std::int64_t>(pending.file_size));
  insert->bind(4, static_cast<std::int64_t>(record.dataset_offset)).bind(5, record.dataset_digest.hex);
  insert->bind(6, record.transfer_syntax_uid.str()).bind(7, std::int64_t{record.origin == Origin::produced});
  insert->bind(8, record.source_ae_title).bind(9, pending.stored_utc_ms);
  insert->bind_optional(
      10, of_study.empty() ? std::nullopt
                           : std::optional(of_study.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  bind_columns(*insert, own + 1, QueryLevel::instance, record);
  insert->run();
  pending.result = PendingInstance::Result::stored;
  pending.sequence = connection_.last_insert_id();
}

/// Nothing sound stands behind that row any more: what comes now takes its place.
void IndexWriter::make_way(const Known& lost, PendingInstance& pending) {
  if (!pending.is_in_old_file) {  // perhaps the disk was only out of sorts: somebody may want to compare
    auto row = connection_.use("SELECT blob FROM instance WHERE id = ?");
    if (row->with(lost.id).step()) pending.replaced_blob = row->text(0);
  } else {
    connection_.use("INSERT OR IGNORE INTO discarded_blob SELECT blob FROM instance WHERE id = ?")->with(lost.id).run();
  }
  connection_.use("DELETE FROM instance WHERE id = ?")->with(lost.id).run();
  add_event(connection_,
            {.kind = std::string(lost.only_bytes_differ ? event_kind::replaced : event_kind::healed),
             .sop_instance_uid = pending.record->name.sop_instance_uid.str(),
             .study_instance_uid = pending.record->name.study_instance_uid.str(),
             .source_ae_title = pending.record->source_ae_title,
             .detail = lost.only_bytes_differ ? "its file was lost or damaged; what was sent now has other bytes"
                                              : "its file was lost or damaged, and it was sent again"},
            pending.stored_utc_ms);
}

void IndexWriter::mark_missing(std::span<const std::int64_t> instances, bool missing) {
  sqlite::Transaction transaction(connection_);
  for (const auto id : instances) {
    connection_.use("UPDATE instance SET file_missing = ? WHERE id = ?")->with(missing, id).run();
  }
  transaction.commit();
}

}  // namespace punctum
