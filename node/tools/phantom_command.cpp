#include "node/tools/phantom_command.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "dicom/ct/ct_series_writer.hpp"
#include "dicom/modules/source_series.hpp"
#include "dicom/seg/seg_writer.hpp"
#include "dicom/types/error.hpp"
#include "inference/datasets/shape_archive.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/synthesis/phantom_background.hpp"
#include "node/tools/annotated_image.hpp"
#include "node/tools/dataset_reader.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* made_on = "20260101";
constexpr const char* made_at = "120000";

fs::path make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw StorageError("cannot make folder " + path.string() + ": " + error.message());
  return path;
}

CtIdentification identification_of(std::uint64_t seed, const PhantomCase& phantom) {
  CtIdentification who;
  who.patient_name = PatientText("PHANTOM^" + std::to_string(seed));
  who.patient_id = PatientText("PHANTOM-" + std::to_string(seed));
  who.study_description = "Synthetic phantom, no patient";
  who.series_description = "Phantom of seed " + std::to_string(seed);
  who.date = made_on;
  who.time = made_at;
  who.body_part = phantom.body_part;
  who.model_name = "Phantom generator";
  return who;
}

Part10File truth_of(const PhantomCase& phantom, const std::vector<Part10File>& ct) {
  std::vector<ByteView> views(ct.size());
  for (std::size_t i = 0; i < ct.size(); ++i) views[i] = ct[i].bytes;
  const auto source = SourceSeries::from_files(phantom.volume.geometry, views);
  // Other lesions in the phantom of the same seed are in another series.
  const std::string name = ct.front().name.series_instance_uid.str();
  std::vector<SegmentToWrite> segments;
  for (std::size_t i = 0; i < phantom.lesions.size(); ++i) {
    const std::string label = "Lesion " + std::to_string(i + 1);
    segments.push_back({phantom.lesions[i].mask, label, {Uid::derived_from(name + " " + label), label, true}});
  }
  SegmentationSheet sheet{.sop_instance_uid = Uid::derived_from(name + " truth"),
                          .series_instance_uid = Uid::derived_from(name + " truth series")};
  sheet.series_description = "True lesions of the phantom";
  sheet.content_label = "TRUTH";
  sheet.content_description = "Known by construction";
  sheet.content_creator = PatientText("Phantom^Generator");
  sheet.content_date = made_on;
  sheet.content_time = made_at;
  sheet.algorithm_name = "Punctum phantom";
  sheet.algorithm_version = "1";
  sheet.software_version = "1";
  return write_segmentation(segments, *source, sheet);
}

double in_tenths_of_micrometres(double mm) { return std::round(mm * 1e4) / 1e4; }

ordered_json description_of(const PhantomCase& phantom) {
  ordered_json lesions = ordered_json::array();
  for (std::size_t i = 0; i < phantom.lesions.size(); ++i) {
    const auto& lesion = phantom.lesions[i];
    ordered_json attributes;
    for (std::size_t a = 0; a < attribute_count; ++a) {
      const auto& vocabulary = attribute_vocabulary()[a];
      if (lesion.labels[a] < 0) continue;  // cannot be told for certain
      attributes[std::string(vocabulary.name)] = vocabulary.labels[static_cast<std::size_t>(lesion.labels[a])];
    }
    lesions.push_back({{"segment", i + 1},
                       {"attributes", attributes},
                       {"ml", lesion.volume_ml},
                       {"click_lps_mm",
                        {in_tenths_of_micrometres(lesion.click.x), in_tenths_of_micrometres(lesion.click.y),
                         in_tenths_of_micrometres(lesion.click.z)}}});
  }
  return {{"lesions", lesions}};
}

void write_case(const fs::path& folder, std::uint64_t seed, const PhantomCase& phantom) {
  const fs::path ct_folder = make_folder(folder / "ct");
  const auto ct = write_ct_series(phantom.volume, identification_of(seed, phantom));
  for (std::size_t i = 0; i < ct.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const std::string name = std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number + ".dcm";
    write_file_bytes(ct_folder / name, ct[i].bytes);
  }
  write_file_bytes(folder / "truth.dcm", truth_of(phantom, ct).bytes);
  const std::string text = description_of(phantom).dump(2) + "\n";
  write_file_bytes(folder / "truth.json", std::as_bytes(std::span(text)));
}

PhantomType type_of(const PhantomOptions& options) {
  if (options.type == "stone") return PhantomType::stone;
  return options.type == "cyst" ? PhantomType::cyst : PhantomType::usual;
}

std::vector<synthesis::BackgroundPtr> backgrounds_of(const PhantomOptions& options) {
  std::vector<synthesis::BackgroundPtr> backgrounds;
  for (const auto& folder : options.backgrounds) {
    backgrounds.push_back(
        std::make_shared<const synthesis::Background>(dicom_readers().series(folder), options.body_part));
  }
  if (options.manifest.empty()) return backgrounds;
  const auto entries = read_case_manifest(options.manifest);
  for (const auto& path : images_of(entries, split_named(options.split).value())) {
    auto image = load_annotated(path, entries);
    backgrounds.push_back(
        std::make_shared<const synthesis::Background>(std::move(image.volume), options.body_part, image.lesions));
  }
  if (!backgrounds.empty()) return backgrounds;
  throw ConfigError("cannot render lesions: " + options.manifest.string() + " has no image in split " + options.split);
}

/// Where the cases of a run come from.
std::function<PhantomCase(std::uint64_t)> case_source(const PhantomOptions& options) {
  synthesis::ShapeLibrary library;
  if (!options.shapes.empty()) {
    library = synthesis::ShapeLibrary(read_shapes(options.shapes));
    if (library.empty()) throw StorageError("cannot take shapes from " + options.shapes.string() + ": found none");
  }
  if (!options.backgrounds.empty() || !options.manifest.empty()) {
    const auto renderer =
        std::make_shared<const synthesis::LesionRenderer>(backgrounds_of(options), std::move(library));
    return [renderer](std::uint64_t seed) { return renderer->scan(seed); };
  }
  if (!library.empty()) {
    return [library](std::uint64_t seed) { return synthesis::phantom_with_forms(seed, library); };
  }
  return [type = type_of(options)](std::uint64_t seed) { return phantom_case(seed, type); };
}

}  // namespace

int run_phantom(const PhantomOptions& options) {
  const auto make_case = case_source(options);
  ordered_json cases = ordered_json::array();
  for (int i = 0; i < options.count; ++i) {
    const std::uint64_t seed = options.seed + static_cast<std::uint64_t>(i);
    const PhantomCase phantom = make_case(seed);
    const fs::path folder = make_folder(options.out / ("case-" + std::to_string(seed)));
    write_case(folder, seed, phantom);
    const int slices = phantom.volume.geometry.slice_count();
    if (options.json) {
      cases.push_back(
          {{"seed", seed}, {"folder", folder.string()}, {"slices", slices}, {"lesions", phantom.lesions.size()}});
    } else {
      std::cout << folder.string() << ": " << slices << " slices, " << phantom.lesions.size()
                << (phantom.lesions.size() == 1 ? " lesion\n" : " lesions\n");
    }
  }
  if (options.json) std::cout << ordered_json{{"cases", cases}}.dump(2) << '\n';
  return 0;
}

}  // namespace punctum
