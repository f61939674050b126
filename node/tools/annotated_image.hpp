#pragma once

#include <filesystem>
#include <vector>

#include "inference/datasets/lesion_case.hpp"

namespace punctum {

/// An image with everything that the lines of a manifest mark in it.
struct AnnotatedImage {
  Volume volume;
  std::vector<LesionMask> lesions;
};

/// The images of a split, each once, in the order of their first lines.
std::vector<std::filesystem::path> images_of(const std::vector<ManifestEntry>& entries, Split split);

/// @param entries of the whole manifest: a lesion that is of another split is one all the same. Needs a DcmtkRuntime.
/// @throws ConfigError if none of them names it; as load_case does
AnnotatedImage load_annotated(const std::filesystem::path& image, const std::vector<ManifestEntry>& entries);

}  // namespace punctum
