#include "node/model_folder.hpp"

#include <system_error>
#include <vector>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

fs::path executable_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace

fs::path find_model_folder(const std::string& model, const fs::path& base_dir) {
  std::vector<fs::path> places{base_dir / model};
  const bool is_name = model.find('/') == std::string::npos;
  if (is_name) {
    places.push_back(executable_folder() / "../share/punctum/weights" / model);
    places.push_back(fs::path(PUNCTUM_SOURCE_WEIGHTS) / model);
  }
  std::string looked;
  for (const auto& place : places) {
    std::error_code error;
    if (fs::is_regular_file(place / "manifest.json", error)) return place.lexically_normal();
    looked += (looked.empty() ? "" : ", ") + place.lexically_normal().string();
  }
  throw ModelError("cannot find model \"" + model + "\": no folder with a manifest.json at " + looked);
}

}  // namespace punctum
