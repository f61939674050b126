#include "inference/model/manifest_file.hpp"

#include <fstream>

#include "dicom/types/error.hpp"

namespace punctum {

nlohmann::json read_manifest_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw ModelError("cannot load model: " + path.string() + " is missing or cannot be read");
  auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw ModelError("cannot load model " + path.string() + ": not a JSON object");
  return json;
}

void write_manifest_file(const std::filesystem::path& path, const nlohmann::json& json) {
  std::ofstream file(path);
  file << json.dump(2) << '\n';
  file.close();
  if (!file) throw StorageError("cannot write manifest " + path.string());
}

}  // namespace punctum
