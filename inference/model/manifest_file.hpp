#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace punctum {

/// @return the object in a manifest's file, whatever it says. @throws ModelError naming the file: missing, not JSON.
nlohmann::json read_manifest_file(const std::filesystem::path& path);

/// @throws StorageError
void write_manifest_file(const std::filesystem::path& path, const nlohmann::json& json);

}  // namespace punctum
