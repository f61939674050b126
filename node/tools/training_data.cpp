#include "node/tools/training_data.hpp"

#include <memory>

#include "dicom/types/error.hpp"
#include "inference/datasets/lesion_case.hpp"
#include "inference/datasets/lesion_source.hpp"
#include "inference/datasets/shape_archive.hpp"
#include "inference/synthesis/phantom_background.hpp"
#include "node/tools/dataset_reader.hpp"

namespace punctum {
namespace {

constexpr LesionSourceOptions as_they_are{.largest_turn_deg = 0,
                                          .largest_tilt_deg = 0,
                                          .smallest_scale = 1,
                                          .largest_scale = 1,
                                          .largest_stretch = 1,
                                          .other_density_share = 0};

using Said = std::function<void(const std::string&)>;

std::vector<LesionCase> cases_of(const TrainingDataConfig& config, Split split, const Said& said) {
  const auto entries = entries_of(read_case_manifest(config.manifest), split);
  return load_cases(entries, dicom_readers(), [&](const LesionCase& loaded) {
    said(config.name + ": " + std::string(name_of(split)) + " " + loaded.name + ", " +
         std::to_string(loaded.lesions.size()) + " lesions");
  });
}

/// What the configuration says, and what the lines of its manifest say besides.
std::string licence_of(const TrainingDataConfig& config) {
  auto licence = config.licence;
  if (config.manifest.empty()) return licence;
  for (const auto& entry : entries_of(read_case_manifest(config.manifest), Split::train)) {
    if (!entry.licence.empty() && licence.find(entry.licence) == std::string::npos) licence += " AND " + entry.licence;
  }
  return licence;
}

std::vector<LesionMask> masks_of(const LesionCase& from) {
  std::vector<LesionMask> masks;
  for (const auto& lesion : from.lesions) masks.push_back(lesion.mask);
  return masks;
}

CropSource rendered(const TrainingDataConfig& config, const Said& said) {
  std::vector<synthesis::BackgroundPtr> backgrounds;
  const auto add = [&](Volume volume, const std::vector<LesionMask>& lesions) {
    if (config.soften) {
      backgrounds.push_back(
          std::make_shared<const synthesis::Background>(synthesis::softened(volume), "UNKNOWN", lesions));
    }
    backgrounds.push_back(std::make_shared<const synthesis::Background>(std::move(volume), "UNKNOWN", lesions));
  };
  for (const auto& folder : config.backgrounds) {
    said(config.name + ": background " + folder.filename().string());
    add(dicom_readers().series(folder), {});
  }
  for (int seed = 0; seed < config.phantom_backgrounds; ++seed) {
    backgrounds.push_back(synthesis::phantom_background(phantom_case(static_cast<std::uint64_t>(seed))));
  }
  if (!config.manifest.empty()) {
    for (auto& loaded : cases_of(config, Split::train, said)) {
      const auto lesions = masks_of(loaded);
      add(std::move(loaded.volume), lesions);
    }
  }
  std::vector<synthesis::ShapeMask> shapes;
  for (const auto& path : config.shapes) {
    for (auto& shape : read_shapes(path)) shapes.push_back(std::move(shape));
  }
  said(config.name + ": " + std::to_string(shapes.size()) + " shapes");
  const auto renderer =
      std::make_shared<const synthesis::LesionRenderer>(std::move(backgrounds), synthesis::ShapeLibrary(shapes));
  return [renderer](const CropRequest& request) {
    return as_training_crop(request.background ? renderer->plain_crop(request.seed, request.size, request.spacing_mm)
                                               : renderer->crop(request.seed, request.size, request.spacing_mm));
  };
}

TrainingSource source_of(const TrainingDataConfig& config, const Said& said) {
  TrainingSource source;
  if (config.kind == "phantoms") {
    source = phantom_source();
  } else if (config.kind == "rendered") {
    source.crops = rendered(config, said);
  } else {
    source.crops = lesion_source(cases_of(config, Split::train, said));
    auto held_out = cases_of(config, Split::validation, said);
    if (!held_out.empty()) source.held_out = lesion_source(std::move(held_out), as_they_are);
  }
  source.name = config.name;
  source.share = config.share;
  source.coarse_share = config.coarse_share;
  source.detail_share = config.detail_share;
  source.background_share = config.background_share;
  if (!config.licence.empty()) source.licence = licence_of(config), source.statement = config.statement;
  return source;
}

}  // namespace

std::vector<TrainingSource> training_sources(const std::vector<TrainingDataConfig>& data, const Said& said) {
  std::vector<TrainingSource> sources;
  for (const auto& config : data) sources.push_back(source_of(config, said));
  return sources;
}

}  // namespace punctum
