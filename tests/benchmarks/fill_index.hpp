#pragma once

#include <cstddef>
#include <filesystem>

namespace punctum::benchmark {

struct Filled {
  std::size_t instances = 0, studies = 0, series = 0;
};

/// Makes an index of at least `instances` instances by inserting rows (tests/benchmarks/hospital.hpp): the first
/// instance of each series through the writer that ingest uses, the others as copies of its row. Nothing is
/// synchronised and no file is written, so only questions and commits can be asked of it, not Archive::open. @throws
/// StorageError
Filled fill_index(const std::filesystem::path& data_dir, std::size_t instances);

/// Empty, complete files for all rows, so that a start finds what the index says.
void make_files(const std::filesystem::path& data_dir);

}  // namespace punctum::benchmark
