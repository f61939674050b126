#include "storage/archive.hpp"

#include "storage/local_archive.hpp"

namespace punctum {

std::unique_ptr<Archive> Archive::open(const ArchiveOptions& options) {
  return std::make_unique<LocalArchive>(options);
}

}  // namespace punctum
