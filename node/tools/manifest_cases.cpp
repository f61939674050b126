#include "node/tools/manifest_cases.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/datasets/lesion_case.hpp"
#include "node/tools/dataset_reader.hpp"

namespace punctum {
namespace {

std::vector<Split> splits_named(const std::vector<std::string>& names) {
  if (names.empty()) return {Split::test, Split::zero_shot};
  std::vector<Split> splits;
  for (const auto& name : names) {
    const auto split = split_named(name);
    if (!split) {
      throw ConfigError("cannot evaluate: found split \"" + name + "\", expected train, validation, test or zero-shot");
    }
    splits.push_back(*split);
  }
  return splits;
}

std::vector<ManifestEntry> wanted_entries(const std::filesystem::path& manifest,
                                          const std::vector<std::string>& names) {
  const auto splits = splits_named(names);
  std::vector<ManifestEntry> wanted;
  for (auto& entry : read_case_manifest(manifest)) {
    if (std::find(splits.begin(), splits.end(), entry.split) != splits.end()) wanted.push_back(std::move(entry));
  }
  if (wanted.empty()) throw ConfigError("cannot evaluate: " + manifest.string() + " has no entry in these splits");
  return wanted;
}

/// Entries may share a name; results are kept by it.
std::vector<std::string> unique_names(const std::vector<ManifestEntry>& entries) {
  std::map<std::string, int> times;
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    const auto name = entry.name.empty() ? entry.patient : entry.name;
    const int number = ++times[name];
    names.push_back(number == 1 ? name : name + "#" + std::to_string(number));
  }
  return names;
}

std::vector<EvaluationCase> lesions_of(const ManifestEntry& entry, const std::string& name) {
  auto loaded = load_case(entry, dicom_readers());
  const auto volume = std::make_shared<const Volume>(std::move(loaded.volume));
  std::vector<EvaluationCase> cases;
  for (auto& lesion : loaded.lesions) {
    cases.push_back({name + "/" + std::to_string(cases.size() + 1), entry.patient, entry.type,
                     std::string(name_of(entry.split)), volume, name, std::move(lesion.mask), lesion.labels});
  }
  return cases;
}

}  // namespace

CaseSource manifest_cases(const std::filesystem::path& manifest, const std::vector<std::string>& splits) {
  const auto entries = wanted_entries(manifest, splits);
  CaseSource source{manifest.filename().string(), unique_names(entries), {}};
  source.load = [entries, names = source.series](std::size_t i) { return lesions_of(entries[i], names[i]); };
  return source;
}

}  // namespace punctum
