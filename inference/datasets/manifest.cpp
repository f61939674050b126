#include "inference/datasets/manifest.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>

#include "dicom/types/error.hpp"
#include "inference/datasets/manifest_line.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> split_names{"train", "validation", "test", "zero-shot"};
constexpr std::array<std::string_view, 3> lesions_names{"one", "components", "labels"};

Split split_of(ManifestLine& line) {
  const auto text = line.require_text("split");
  const auto split = split_named(text);
  if (!split) line.refuse("/split", "\"" + text + "\"", "train, validation, test or zero-shot");
  return *split;
}

LesionsAre lesions_of(ManifestLine& line) {
  const auto text = line.text("lesions");
  if (!text) return LesionsAre::components;
  const auto found = std::find(lesions_names.begin(), lesions_names.end(), *text);
  if (found == lesions_names.end()) line.refuse("/lesions", "\"" + *text + "\"", "one, components or labels");
  return static_cast<LesionsAre>(found - lesions_names.begin());
}

int attribute_value(ManifestLine& line, Attribute attribute, const std::string& text) {
  if (text == "unknown") return attribute_unknown;
  if (text == "measured") return attribute_measured;
  const auto& vocabulary = attribute_vocabulary()[static_cast<std::size_t>(attribute)];
  if (const auto index = label_index(attribute, text)) return static_cast<int>(*index);
  std::string expected = "unknown, measured";
  for (const auto label : vocabulary.labels) expected += " or " + std::string(label);
  line.refuse("/attributes/" + std::string(vocabulary.name), "\"" + text + "\"", expected);
}

void read_attributes(ManifestLine& line, ManifestEntry& entry) {
  for (const auto& [name, text] : line.text_map("attributes")) {
    const auto attribute = attribute_named(name);
    if (!attribute) line.refuse("/attributes/" + name, "an unknown name", "one of the five attributes");
    entry.attributes[static_cast<std::size_t>(*attribute)] = attribute_value(line, *attribute, text);
  }
}

ManifestEntry entry_of(ManifestLine& line, const fs::path& folder) {
  ManifestEntry entry;
  const auto placed = [&](const std::string& path) { return (folder / path).lexically_normal(); };
  entry.image = placed(line.require_text("image"));
  entry.mask = placed(line.require_text("mask"));
  entry.roi = line.text("roi");
  if (auto labels = line.whole_numbers("labels", 1, 255)) entry.labels = std::move(*labels);
  entry.lesions = lesions_of(line);
  entry.patient = line.require_text("patient");
  entry.name = line.text("case").value_or(entry.patient);
  entry.type = line.text("type").value_or("lesion");
  read_attributes(line, entry);
  entry.split = split_of(line);
  entry.licence = line.text("licence").value_or("");
  line.refuse_unknown_fields();
  return entry;
}

bool is_tested(Split split) { return split == Split::test || split == Split::zero_shot; }

void require_patients_apart(const std::vector<ManifestEntry>& entries, const std::string& name) {
  std::map<std::string, Split> split_of_patient;
  for (const auto& entry : entries) {
    const auto known = split_of_patient.try_emplace(entry.patient, entry.split).first->second;
    const bool both_tested = is_tested(known) && is_tested(entry.split);
    if (known != entry.split && !both_tested) {
      throw ConfigError("cannot use manifest " + name + ": a patient (case " + entry.name + ") is in " +
                        std::string(name_of(known)) + " and in " + std::string(name_of(entry.split)) +
                        ", expected patients of training and validation in no other split");
    }
  }
}

/// One lesion in two lines would be counted twice; one image in training and test would be no test.
void require_lines_apart(const std::vector<ManifestEntry>& entries, const std::string& name) {
  std::set<std::tuple<fs::path, fs::path, std::optional<std::string>, int>> known;
  std::map<fs::path, Split> split_of_image;
  for (const auto& entry : entries) {
    const auto refuse = [&](const std::string& what) {
      throw ConfigError("cannot use manifest " + name + ": case " + entry.name + " " + what);
    };
    for (const int label : entry.roi ? std::vector{0} : entry.labels) {
      if (!known.emplace(entry.image, entry.mask, entry.roi, label).second) refuse("has the same lesions twice");
    }
    const auto split = split_of_image.try_emplace(entry.image, entry.split).first->second;
    if (split != entry.split && !(is_tested(split) && is_tested(entry.split))) {
      refuse("has its image in " + std::string(name_of(split)) + " and in " + std::string(name_of(entry.split)) +
             ", expected images of training and validation in no other split");
    }
  }
}

}  // namespace

std::string_view name_of(Split split) { return split_names[static_cast<std::size_t>(split)]; }

std::optional<Split> split_named(std::string_view name) {
  const auto found = std::find(split_names.begin(), split_names.end(), name);
  if (found == split_names.end()) return std::nullopt;
  return static_cast<Split>(found - split_names.begin());
}

std::vector<ManifestEntry> parse_manifest(std::string_view text, const fs::path& folder, const std::string& name) {
  std::vector<ManifestEntry> entries;
  std::istringstream lines{std::string(text)};
  std::string line_text;
  for (int number = 1; std::getline(lines, line_text); ++number) {
    const auto first = line_text.find_first_not_of(" \t\r");
    if (first == std::string::npos || line_text[first] == '#') continue;
    ManifestLine line(line_text, name + " line " + std::to_string(number));
    entries.push_back(entry_of(line, folder));
  }
  require_patients_apart(entries, name);
  require_lines_apart(entries, name);
  return entries;
}

std::vector<ManifestEntry> read_case_manifest(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!(text << stream.rdbuf())) {
    throw ConfigError("cannot read manifest " + file.string() + ": found no readable text, expected JSON lines");
  }
  return parse_manifest(text.str(), file.parent_path(), file.filename().string());
}

std::string manifest_text(const std::vector<ManifestEntry>& entries, const fs::path& folder) {
  const auto base = fs::absolute(folder).lexically_normal();
  const auto relative = [&](const fs::path& path) {
    return fs::absolute(path).lexically_normal().lexically_relative(base).generic_string();
  };
  std::string text;
  for (const auto& entry : entries) {
    ordered_json line{{"image", relative(entry.image)}, {"mask", relative(entry.mask)}};
    if (entry.roi)
      line["roi"] = *entry.roi;
    else
      line["labels"] = entry.labels;
    line["lesions"] = lesions_names[static_cast<std::size_t>(entry.lesions)];
    line["case"] = entry.name;
    line["patient"] = entry.patient;
    line["type"] = entry.type;
    ordered_json attributes = ordered_json::object();
    for (std::size_t i = 0; i < attribute_count; ++i) {
      const auto& vocabulary = attribute_vocabulary()[i];
      const int value = entry.attributes[i];
      attributes[std::string(vocabulary.name)] = value == attribute_unknown ? "unknown"
                                                 : value == attribute_measured
                                                     ? "measured"
                                                     : vocabulary.labels[static_cast<std::size_t>(value)];
    }
    line["attributes"] = attributes;
    line["split"] = name_of(entry.split);
    if (!entry.licence.empty()) line["licence"] = entry.licence;
    text += line.dump() + "\n";
  }
  return text;
}

std::vector<ManifestEntry> entries_of(const std::vector<ManifestEntry>& entries, Split split) {
  std::vector<ManifestEntry> chosen;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(chosen),
               [split](const auto& entry) { return entry.split == split; });
  return chosen;
}

}  // namespace punctum
