#pragma once

#include <filesystem>

#include "storage/sqlite/connection.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// Upkeep::read_late_sequences on a connection. A series is looked into outside the transaction that writes it down, so
/// nobody waits for the reading. One thread at a time.
std::size_t read_late_sequences(sqlite::Connection& connection, const std::filesystem::path& data_dir,
                                std::size_t most_series, const ReadSequences& read);

}  // namespace punctum
