#include "node/tools/manifest_cases.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "dicom/types/digest.hpp"
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

/// One line about an image: what its lesions are called, and whether they are asked for.
struct Line {
  ManifestEntry entry;
  std::string name;
  bool wanted = false;
};
using Series = std::vector<Line>;  ///< all lines about one image

/// The images with a line in these splits, each with all of its lines.
std::vector<Series> wanted_series(const std::vector<ManifestEntry>& entries, const std::vector<Split>& splits) {
  const auto names = unique_names(entries);
  std::vector<Series> all;
  std::map<std::filesystem::path, std::size_t> known;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [at, is_new] = known.try_emplace(entries[i].image, all.size());
    if (is_new) all.emplace_back();
    const bool wanted = std::ranges::find(splits, entries[i].split) != splits.end();
    all[at->second].push_back({entries[i], names[i], wanted});
  }
  std::erase_if(all, [](const Series& series) { return std::ranges::none_of(series, &Line::wanted); });
  return all;
}

std::string digest_of(const std::vector<Series>& all, const std::filesystem::path& folder) {
  std::string text;
  for (const auto& series : all) {
    for (const auto& line : series) text += (line.wanted ? "+" : "-") + manifest_text({line.entry}, folder);
  }
  return sha256(text).hex;
}

std::vector<EvaluationCase> lesions_of(const Series& series) {
  std::vector<EvaluationCase> cases;
  std::shared_ptr<const Volume> volume;
  for (const auto& [entry, name, wanted] : series) {
    auto loaded = load_case(entry, dicom_readers());
    if (!volume) volume = std::make_shared<const Volume>(std::move(loaded.volume));
    int number = 0;
    for (auto& lesion : loaded.lesions) {
      cases.push_back({name + "/" + std::to_string(++number), entry.patient, entry.type,
                       std::string(name_of(entry.split)), volume, series.front().name, std::move(lesion.mask),
                       lesion.labels, wanted});
    }
  }
  return cases;
}

}  // namespace

CaseSource manifest_cases(const std::filesystem::path& manifest, const std::vector<std::string>& splits) {
  const auto series = wanted_series(read_case_manifest(manifest), splits_named(splits));
  if (series.empty()) throw ConfigError("cannot evaluate: " + manifest.string() + " has no entry in these splits");
  CaseSource source{manifest.filename().string(), {}, [series](std::size_t i) { return lesions_of(series[i]); }};
  source.digest = digest_of(series, manifest.parent_path());
  for (const auto& one : series) source.series.push_back(one.front().name);
  return source;
}

}  // namespace punctum
