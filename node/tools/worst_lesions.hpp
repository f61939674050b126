#pragma once

#include <filesystem>

#include "inference/evaluation/evaluate.hpp"

namespace punctum {

/// Pictures of the lesions with the lowest DSC after the first click of the headline protocol: the answer filled, the
/// truth as a line. Loads their volumes and clicks again.
/// @return names of the files. @throws StorageError, ModelError, GeometryError
std::vector<std::string> draw_worst_lesions(Segmenter& segmenter, const CaseSource& source, const EvaluationRun& run,
                                            std::size_t count, const std::filesystem::path& folder);

}  // namespace punctum
