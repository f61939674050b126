#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "storage/blobs/dataset_bytes.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/statement.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// The rows of instances as files, in the order of arrival; the last parameter is how many at most (-1: all).
std::string stored_files_sql(std::string_view where);
StoredFile stored_file(const sqlite::Statement& row, const std::filesystem::path& data_dir);
/// The file of one instance; nothing if there is no row of that UID.
std::optional<StoredFile> stored_file_of(sqlite::Connection& connection, const Uid& sop_instance_uid,
                                         const std::filesystem::path& data_dir);

/// Reads the whole file and compares its data set with the digest.
/// @param reads  told of every piece that was read; may be empty
/// @throws OutOfResources if this process cannot open it, which says nothing of the file
FileCondition condition_of(const StoredFile& file, const std::function<void(std::size_t)>& reads);

/// The data set of the file as it lies there; nothing if there is none of its size. What cannot be read throws, while
/// it is opened or read. @throws OutOfResources: asking again later may help
std::optional<DatasetBytes> dataset_of(const StoredFile& file);

}  // namespace punctum
