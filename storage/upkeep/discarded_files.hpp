#pragma once

#include <cstddef>
#include <filesystem>

#include "storage/sqlite/connection.hpp"

namespace punctum {

/// Unlinks the files of removed rows, makes that durable and forgets their names. @return how many
std::size_t remove_discarded_files(sqlite::Connection& connection, const std::filesystem::path& data_dir);

}  // namespace punctum
