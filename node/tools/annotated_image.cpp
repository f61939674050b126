#include "node/tools/annotated_image.hpp"

#include <algorithm>
#include <optional>

#include "dicom/types/error.hpp"
#include "node/tools/dataset_reader.hpp"

namespace punctum {

std::vector<std::filesystem::path> images_of(const std::vector<ManifestEntry>& entries, Split split) {
  std::vector<std::filesystem::path> images;
  for (const auto& entry : entries_of(entries, split)) {
    if (std::ranges::find(images, entry.image) == images.end()) images.push_back(entry.image);
  }
  return images;
}

AnnotatedImage load_annotated(const std::filesystem::path& image, const std::vector<ManifestEntry>& entries) {
  std::optional<AnnotatedImage> annotated;
  for (const auto& entry : entries) {
    if (entry.image != image) continue;
    auto loaded = load_case(entry, dicom_readers());
    if (!annotated) annotated.emplace(AnnotatedImage{std::move(loaded.volume), {}});
    for (auto& lesion : loaded.lesions) annotated->lesions.push_back(std::move(lesion.mask));
  }
  if (!annotated) throw ConfigError("cannot load " + image.string() + ": no line of the manifest names it");
  return *std::move(annotated);
}

}  // namespace punctum
