#include "node/tools/dataset_command.hpp"

#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "dicom/types/error.hpp"
#include "node/tools/dataset_reader.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;

struct Tally {
  std::size_t entries = 0, lesions = 0;
  std::set<std::string> patients{};
};

/// What loading a case showed, one line for a person.
std::string description_of(const ManifestEntry& entry, const LesionCase& loaded) {
  std::string text = entry.name + " (" + std::string(name_of(entry.split)) +
                     "): " + std::to_string(loaded.lesions.size()) +
                     (loaded.lesions.size() == 1 ? " lesion" : " lesions");
  for (const auto& lesion : loaded.lesions) {
    const double ml = static_cast<double>(lesion.mask.count()) * loaded.volume.geometry.voxel_volume_mm3() / 1000;
    char volume[32];
    std::snprintf(volume, sizeof volume, "%.2f ml", ml);
    text += std::string("; ") + volume;
    for (std::size_t i = 0; i < attribute_count; ++i) {
      if (lesion.labels[i] < 0) continue;
      text += ", " + std::string(attribute_vocabulary()[i].labels[static_cast<std::size_t>(lesion.labels[i])]);
    }
  }
  return text;
}

/// Loads every case. @return how many failed.
int check_cases(const std::vector<ManifestEntry>& entries, std::map<Split, Tally>& tallies, bool quiet) {
  int failed = 0;
  for (const auto& entry : entries) {
    try {
      const auto loaded = load_case(entry, dicom_readers());
      tallies[entry.split].lesions += loaded.lesions.size();
      if (!quiet) std::cout << description_of(entry, loaded) << '\n';
    } catch (const Error& error) {
      std::cerr << entry.name << ": " << error.what() << '\n';
      ++failed;
    }
  }
  return failed;
}

void print(const DatasetOptions& options, const std::map<Split, Tally>& tallies) {
  ordered_json json{{"manifest", options.manifest.string()}};
  for (const auto& [split, tally] : tallies) {
    ordered_json& part = json["splits"][std::string(name_of(split))];
    part = {{"entries", tally.entries}, {"patients", tally.patients.size()}};
    if (options.check) part["lesions"] = tally.lesions;
    if (options.json) continue;
    std::cout << name_of(split) << ": " << tally.entries << " entries of " << tally.patients.size() << " patients";
    if (options.check) std::cout << ", " << tally.lesions << " lesions";
    std::cout << '\n';
  }
  if (options.json)
    std::cout << json.dump(2) << '\n';
  else
    std::cout << "written to " << options.manifest.string() << '\n';
}

}  // namespace

int run_dataset(const DatasetOptions& options) {
  const auto entries = list_dataset(options.layout, options.from);
  auto all = options.append && std::filesystem::exists(options.manifest) ? read_case_manifest(options.manifest)
                                                                         : std::vector<ManifestEntry>{};
  all.insert(all.end(), entries.begin(), entries.end());
  const auto folder = options.manifest.parent_path().empty() ? "." : options.manifest.parent_path();
  const auto text = manifest_text(all, folder);
  parse_manifest(text, folder, options.manifest.filename().string());  // a patient of two data sets, for instance
  write_file_bytes(options.manifest, std::as_bytes(std::span(text)));

  std::map<Split, Tally> tallies;
  for (const auto& entry : entries) {
    ++tallies[entry.split].entries;
    tallies[entry.split].patients.insert(entry.patient);
  }
  const int failed = options.check ? check_cases(entries, tallies, options.json) : 0;
  print(options, tallies);
  return failed == 0 ? 0 : 1;
}

}  // namespace punctum
