#pragma once

#include <filesystem>
#include <string>

namespace punctum {

/// Where a model lies: `model` itself if it is a path to a folder (from `base_dir`), else the first of
/// base_dir/NAME, EXECUTABLE/../share/punctum/weights/NAME and the source tree's inference/weights/NAME that is a
/// folder.
/// @throws ModelError that lists where it was looked for.
std::filesystem::path find_model_folder(const std::string& model, const std::filesystem::path& base_dir);

}  // namespace punctum
