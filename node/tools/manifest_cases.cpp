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

/// Entries about one image, and what each is called.
struct Series {
  std::vector<ManifestEntry> entries;
  std::vector<std::string> names;
};

std::vector<Series> series_of(const std::vector<ManifestEntry>& entries) {
  const auto names = unique_names(entries);
  std::vector<Series> all;
  std::map<std::filesystem::path, std::size_t> known;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [at, is_new] = known.try_emplace(entries[i].image, all.size());
    if (is_new) all.emplace_back();
    all[at->second].entries.push_back(entries[i]);
    all[at->second].names.push_back(names[i]);
  }
  return all;
}

std::vector<EvaluationCase> lesions_of(const Series& series) {
  std::vector<EvaluationCase> cases;
  std::shared_ptr<const Volume> volume;
  for (std::size_t i = 0; i < series.entries.size(); ++i) {
    const auto& entry = series.entries[i];
    auto loaded = load_case(entry, dicom_readers());
    if (!volume) volume = std::make_shared<const Volume>(std::move(loaded.volume));
    int number = 0;
    for (auto& lesion : loaded.lesions) {
      cases.push_back({series.names[i] + "/" + std::to_string(++number), entry.patient, entry.type,
                       std::string(name_of(entry.split)), volume, series.names.front(), std::move(lesion.mask),
                       lesion.labels});
    }
  }
  return cases;
}

}  // namespace

CaseSource manifest_cases(const std::filesystem::path& manifest, const std::vector<std::string>& splits) {
  const auto entries = wanted_entries(manifest, splits);
  const auto series = series_of(entries);
  CaseSource source{manifest.filename().string(), {}, [series](std::size_t i) { return lesions_of(series[i]); }};
  for (const auto& one : series) source.series.push_back(one.names.front());
  return source;
}

}  // namespace punctum
