#include "node/ingest/open_archive.hpp"

#include "node/ingest/file_record.hpp"
#include "node/ingest/same_content.hpp"
#include "node/runtime/log.hpp"

namespace punctum {

std::unique_ptr<Archive> open_archive(const Config& config, const PixelDecoder& decode) {
  ArchiveOptions options;
  options.data_dir = config.data_dir;
  options.low_water_bytes = config.min_free_mb << 20;
  options.quarantine_bytes = config.storage.quarantine_mb << 20;
  options.adopt = record_of_file;
  options.is_whole = is_whole_file;
  options.same_content = [decode](ByteView stored, ByteView come) { return same_content(stored, come, decode); };
  auto archive = Archive::open(options);
  const auto found = archive->reconciled();
  const bool all_well = found.orphans_quarantined + found.rows_without_file == 0;
  log_event(all_well ? LogLevel::info : LogLevel::warning, "storage", "opened",
            {{"folder", config.data_dir.string()},
             {"instances", found.instances},
             {"unfinished_removed", found.unfinished_removed},
             {"discarded_removed", found.discarded_removed},
             {"orphans_adopted", found.orphans_adopted},
             {"orphans_quarantined", found.orphans_quarantined},
             {"rows_without_file", found.rows_without_file}});
  return archive;
}

}  // namespace punctum
