#include "storage/upkeep/discarded_files.hpp"

#include <unistd.h>

#include <cerrno>
#include <set>
#include <vector>

#include "storage/blobs/posix_file.hpp"

namespace punctum {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t at_a_time = 1000;

std::vector<std::string> some_discarded(sqlite::Connection& connection) {
  auto row = connection.use("SELECT blob FROM discarded_blob LIMIT ?");
  row->with(at_a_time);
  std::vector<std::string> blobs;
  while (row->step()) blobs.push_back(row->text(0));
  return blobs;
}

/// Those that are gone now, durably: a file must not be back after its name is forgotten here, nor one that a killed
/// process unlinked before.
std::vector<std::string> unlinked(const std::vector<std::string>& blobs, const fs::path& folder) {
  std::vector<std::string> gone;
  std::set<fs::path> folders;
  for (const auto& blob : blobs) {
    const auto path = folder / blob;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) continue;
    gone.push_back(blob);
    if (fs::exists(path.parent_path())) folders.insert(path.parent_path());
  }
  for (const auto& one : folders) sync_folder(one);
  return gone;
}

}  // namespace

std::size_t remove_discarded_files(sqlite::Connection& connection, const fs::path& data_dir) {
  std::size_t removed = 0;
  for (;;) {
    const auto blobs = some_discarded(connection);
    if (blobs.empty()) return removed;
    const auto gone = unlinked(blobs, data_dir / "blobs");
    if (gone.empty()) return removed;  // the rest is tried again the next time
    sqlite::Transaction transaction(connection);
    for (const auto& blob : gone) connection.use("DELETE FROM discarded_blob WHERE blob = ?")->with(blob).run();
    transaction.commit();
    removed += gone.size();
  }
}

}  // namespace punctum
