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

const LesionSourceOptions as_they_are{.largest_turn_deg = 0,
                                      .largest_tilt_deg = 0,
                                      .smallest_scale = 1,
                                      .largest_scale = 1,
                                      .largest_stretch = 1,
                                      .other_density_share = 0};

using Said = std::function<void(const std::string&)>;

using Entries = std::vector<ManifestEntry>;

Entries manifest_of(const TrainingDataConfig& config) {
  return config.manifest.empty() ? Entries() : read_case_manifest(config.manifest);
}

std::vector<LesionMask> masks_of(const LesionCase& from) {
  std::vector<LesionMask> masks;
  for (const auto& lesion : from.lesions) masks.push_back(lesion.mask);
  masks.insert(masks.end(), from.others.begin(), from.others.end());
  return masks;
}

/// A tumour's entry does not name the cyst beside it.
std::vector<LesionMask> lesions_of_other_entries(const ManifestEntry& entry, const Entries& entries) {
  std::vector<LesionMask> masks;
  for (const auto& other : entries) {
    const bool is_other = other.labels != entry.labels || other.mask != entry.mask || other.roi != entry.roi;
    if (other.image != entry.image || !is_other) continue;
    for (auto& mask : masks_of(load_case(other, dicom_readers()))) masks.push_back(std::move(mask));
  }
  return masks;
}

/// The cases of a split, one after the other.
CaseFeed cases_of(const std::string& name, const Entries& entries, Split split, const Said& said) {
  return [name, entries, split, said](const std::function<void(const LesionCase&)>& take) {
    for (const auto& entry : entries_of(entries, split)) {
      auto loaded = load_case(entry, dicom_readers());
      loaded.others = lesions_of_other_entries(entry, entries);
      said(name + ": " + std::string(name_of(split)) + " " + loaded.name + ", " +
           std::to_string(loaded.lesions.size()) + " lesions");
      take(loaded);
    }
  };
}

/// What the configuration says, and what the lines of its manifest say besides.
std::string licence_of(const TrainingDataConfig& config, const Entries& entries) {
  auto licence = config.licence;
  for (const auto& entry : entries_of(entries, Split::train)) {
    if (!entry.licence.empty() && licence.find(entry.licence) == std::string::npos) licence += " AND " + entry.licence;
  }
  return licence;
}

CropSource rendered(const TrainingDataConfig& config, const Entries& entries, const Said& said) {
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
  cases_of(config.name, entries, Split::train,
           said)([&](const LesionCase& loaded) { add(loaded.volume, masks_of(loaded)); });
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

TrainingSource source_of(const TrainingDataConfig& config, const std::filesystem::path& folder, const Said& said) {
  const auto entries = manifest_of(config);
  TrainingSource source;
  if (config.kind == "phantoms") {
    source = phantom_source();
  } else if (config.kind == "rendered") {
    source.crops = rendered(config, entries, said);
  } else {
    source.crops = lesion_source(cases_of(config.name, entries, Split::train, said), {.folder = folder});
    source.unseen_by_seed = false;  // another click into the same patients
    if (!entries_of(entries, Split::validation).empty()) {
      auto options = as_they_are;
      options.folder = folder;
      source.held_out = lesion_source(cases_of(config.name, entries, Split::validation, said), options);
    }
  }
  source.name = config.name;
  source.share = config.share;
  source.coarse_share = config.coarse_share;
  source.detail_share = config.detail_share;
  source.background_share = config.background_share;
  if (!config.licence.empty()) source.licence = licence_of(config, entries), source.statement = config.statement;
  return source;
}

}  // namespace

std::vector<TrainingSource> training_sources(const std::vector<TrainingDataConfig>& data,
                                             const std::filesystem::path& folder, const Said& said) {
  std::filesystem::create_directories(folder);
  std::vector<TrainingSource> sources;
  for (const auto& config : data) sources.push_back(source_of(config, folder, said));
  return sources;
}

}  // namespace punctum
