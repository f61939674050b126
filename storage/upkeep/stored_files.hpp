#pragma once

#include <filesystem>
#include <string>

#include "storage/sqlite/statement.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// The rows of instances as files, in the order of arrival; the last parameter is how many at most (-1: all).
std::string stored_files_sql(std::string_view where);
StoredFile stored_file(const sqlite::Statement& row, const std::filesystem::path& data_dir);

}  // namespace punctum
