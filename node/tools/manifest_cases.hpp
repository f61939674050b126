#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inference/evaluation/evaluation_case.hpp"

namespace punctum {

/// The lesions of a data-set manifest (inference/datasets/README.md) as cases. All entries about one image are one
/// series, those of other splits among them, so that nobody's lesion is plain tissue; a row of the tables for each
/// split.
/// @param splits names; none: test and zero-shot.
/// @throws ConfigError for a manifest that is none, an unknown split, or no entry in these.
CaseSource manifest_cases(const std::filesystem::path& manifest, const std::vector<std::string>& splits);

}  // namespace punctum
