#include "storage/upkeep/stored_files.hpp"

namespace punctum {

std::string stored_files_sql(std::string_view where) {
  return "SELECT instance.id, study_instance_uid, series_instance_uid, sop_instance_uid, sop_class_uid, blob, "
         "file_size, dataset_offset, dataset_digest, transfer_syntax_uid, damaged FROM instance JOIN series ON "
         "series.id = instance.series JOIN study ON study.id = series.study WHERE " +
         std::string(where) + " ORDER BY instance.id LIMIT ?";
}

StoredFile stored_file(const sqlite::Statement& row, const std::filesystem::path& data_dir) {
  return {row.integer(0),
          {Uid::require(row.text(1)), Uid::require(row.text(2)), Uid::require(row.text(3)), Uid::require(row.text(4))},
          row.text(5),
          data_dir / "blobs" / row.text(5),
          static_cast<std::uint64_t>(row.integer(6)),
          static_cast<std::uint64_t>(row.integer(7)),
          Digest{row.text(8)},
          Uid::require(row.text(9)),
          row.integer(10) != 0};
}

}  // namespace punctum
