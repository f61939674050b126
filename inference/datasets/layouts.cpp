#include "inference/datasets/layouts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "dicom/types/error.hpp"
#include "inference/datasets/decathlon.hpp"
#include "inference/datasets/nifti.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> layout_names{"kits", "decathlon", "sts", "lung-phantom", "plain"};
/// In the order of Attribute. Not Surface: a drawn contour wanders about the border by a millimetre or two, which blurs
/// the step that is measured along it.
constexpr std::array<int, attribute_count> what_rules_can_tell{
    attribute_measured, attribute_measured, attribute_measured, attribute_unknown, attribute_unknown};

struct LesionLabel {
  int id;
  std::string type;
};

ManifestEntry entry_for(const std::string& patient, const fs::path& image, const fs::path& mask,
                        const std::string& type, const std::string& licence) {
  ManifestEntry entry;
  entry.image = image;
  entry.mask = mask;
  entry.name = patient;
  entry.patient = patient;
  entry.type = type;
  entry.licence = licence;
  entry.attributes = what_rules_can_tell;
  return entry;
}

/// Subfolders whose name begins so, by name.
std::vector<fs::path> folders_in(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (entry.is_directory() && entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// One entry for every lesion label that the mask holds.
void add_present_labels(std::vector<ManifestEntry>& entries, const ManifestEntry& pattern,
                        const std::vector<LesionLabel>& labels) {
  const auto image = read_nifti_labels(pattern.mask);
  for (const auto& label : labels) {
    if (std::find(image.labels.begin(), image.labels.end(), label.id) == image.labels.end()) continue;
    auto entry = pattern;
    entry.labels = {label.id};
    entry.type = label.type;
    if (labels.size() > 1) entry.name += " " + label.type;
    entries.push_back(std::move(entry));
  }
}

std::vector<LesionLabel> chosen(std::vector<LesionLabel> known, const LayoutOptions& options) {
  if (!options.labels.empty()) {
    std::vector<LesionLabel> wanted;
    for (const int id : options.labels) {
      const auto found = std::find_if(known.begin(), known.end(), [id](const auto& label) { return label.id == id; });
      wanted.push_back(found != known.end() ? *found : LesionLabel{id, "lesion"});
    }
    known = std::move(wanted);
  }
  if (options.type) {
    for (auto& label : known) label.type = *options.type;
  }
  return known;
}

std::vector<ManifestEntry> list_kits(const LayoutOptions& options) {
  const auto labels = chosen({{2, "kidney tumour"}, {3, "kidney cyst"}}, options);
  std::vector<ManifestEntry> entries;
  for (const auto& folder : folders_in(options.folder, "case_")) {
    const auto image = folder / "imaging.nii.gz", mask = folder / "segmentation.nii.gz";
    if (!fs::exists(image) || !fs::exists(mask)) continue;  // images are downloaded apart from the masks
    const auto pattern =
        entry_for(folder.filename().string(), image, mask, "", options.licence.value_or("CC-BY-NC-SA-4.0"));
    add_present_labels(entries, pattern, labels);
  }
  split_patients(entries, "kits", options.zero_shot_types);
  return entries;
}

std::vector<ManifestEntry> list_decathlon(const LayoutOptions& options) {
  const auto task = read_decathlon(options.folder);
  std::vector<LesionLabel> known;
  for (const auto& [id, name] : task.lesion_labels) known.push_back({id, task.name + " " + name});
  const auto labels = chosen(std::move(known), options);
  if (labels.empty()) {
    throw ConfigError("cannot use " + options.folder.string() +
                      ": found no label in dataset.json that names a lesion, expected one or --label ID");
  }
  std::vector<ManifestEntry> entries;
  for (const auto& pair : task.training) {
    const auto pattern = entry_for(pair.name, pair.image, pair.labels, "", options.licence.value_or(task.licence));
    add_present_labels(entries, pattern, labels);
  }
  split_patients(entries, task.name, options.zero_shot_types);
  return entries;
}

/// As its README says: these and every number divisible by 5 never train. Which of them validate is our choice: three
/// of eight, so that five are left to test on.
Split sarcoma_split(const std::string& patient) {
  const auto digits = patient.substr(patient.find('_') + 1);
  int number = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ptr != digits.data() + digits.size()) {
    throw ConfigError("cannot use " + patient + ": found no number behind STS_, expected one as in STS_008");
  }
  const auto is_one_of = [number](std::initializer_list<int> numbers) {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
  };
  if (is_one_of({8, 25, 42})) return Split::validation;
  return is_one_of({19}) || number % 5 == 0 ? Split::test : Split::train;
}

/// Where each image has one lesion, whatever its label.
void refuse_labels(const LayoutOptions& options) {
  if (!options.labels.empty()) throw ConfigError("cannot use --label: this layout has one lesion an image");
}

std::vector<ManifestEntry> list_sarcomas(const LayoutOptions& options) {
  refuse_labels(options);
  const std::string type = options.type.value_or("soft-tissue sarcoma"),
                    licence = options.licence.value_or("CC-BY-3.0");
  std::vector<ManifestEntry> entries;
  std::set<std::string> known;
  const auto add = [&](ManifestEntry entry) {
    entry.lesions = LesionsAre::one;  // slices that the drawer left out part it, but it is one mass
    entry.split = options.zero_shot_types.contains(type) ? Split::zero_shot : sarcoma_split(entry.patient);
    if (known.insert(entry.patient).second) entries.push_back(std::move(entry));
  };
  for (const auto& folder : folders_in(options.folder / "nifti", "STS_")) {
    add(entry_for(folder.filename().string(), folder / "CT_image.nii.gz", folder / "CT_mask.nii.gz", type, licence));
  }
  for (const auto& folder : folders_in(options.folder / "dicom", "STS_")) {
    auto entry = entry_for(folder.filename().string(), folder / "CT" / "image", folder / "CT" / "mask" / "RS.dcm", type,
                           licence);
    entry.roi = "GTV_Mass_CT";
    add(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.patient < b.patient; });
  return entries;
}

std::vector<ManifestEntry> list_lung_phantom(const LayoutOptions& options) {
  refuse_labels(options);
  std::vector<ManifestEntry> entries;
  for (const auto& folder : folders_in(options.folder, "pat_")) {
    for (const auto& file : fs::directory_iterator(folder)) {
      if (!file.path().filename().string().starts_with("DCM_RS_")) continue;
      auto entry = entry_for(folder.filename().string(), folder, file.path(), options.type.value_or("lung tumour"),
                             options.licence.value_or("CC-BY-NC-3.0"));
      entry.roi = "GTV-1";
      entry.lesions = LesionsAre::one;
      entry.split = Split::test;
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::vector<ManifestEntry> list_plain(const LayoutOptions& options) {
  const auto labels = chosen({{1, options.type.value_or("lesion")}}, options);
  std::vector<fs::path> images;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(options.folder / "images", missing)) images.push_back(entry.path());
  std::sort(images.begin(), images.end());
  std::vector<ManifestEntry> entries;
  for (const auto& image : images) {
    const auto name = image.filename().string();
    const auto mask = options.folder / "masks" / name;
    if (!name.ends_with(".nii") && !name.ends_with(".nii.gz")) continue;
    if (!fs::exists(mask))
      throw ConfigError("cannot use " + image.string() + ": found no mask, expected " + mask.string());
    add_present_labels(
        entries, entry_for(name.substr(0, name.find(".nii")), image, mask, "", options.licence.value_or("")), labels);
  }
  split_patients(entries, "plain", options.zero_shot_types);
  return entries;
}

std::vector<ManifestEntry> list_any(Layout layout, const LayoutOptions& options) {
  switch (layout) {
    case Layout::kits:
      return list_kits(options);
    case Layout::decathlon:
      return list_decathlon(options);
    case Layout::sts:
      return list_sarcomas(options);
    case Layout::lung_phantom:
      return list_lung_phantom(options);
    case Layout::plain:
      return list_plain(options);
  }
  return {};
}

/// A type that is misspelt would be trained on.
void require_known_types(const std::set<std::string>& held_out, const std::vector<ManifestEntry>& entries) {
  std::set<std::string> known;
  for (const auto& entry : entries) known.insert(entry.type);
  for (const auto& type : held_out) {
    if (known.contains(type)) continue;
    std::string text = "cannot hold out \"" + type + "\": found no lesion of that type, expected one of";
    for (const auto& name : known) text += " \"" + name + "\"";
    throw ConfigError(text);
  }
}

}  // namespace

std::optional<Layout> layout_named(std::string_view name) {
  const auto found = std::find(layout_names.begin(), layout_names.end(), name);
  if (found == layout_names.end()) return std::nullopt;
  return static_cast<Layout>(found - layout_names.begin());
}

std::vector<ManifestEntry> list_dataset(Layout layout, const LayoutOptions& options) {
  auto entries = list_any(layout, options);
  if (entries.empty()) {
    throw ConfigError("cannot use " + options.folder.string() + ": found no lesion laid out as in " +
                      std::string(layout_names[static_cast<std::size_t>(layout)]) + ", expected some");
  }
  require_known_types(options.zero_shot_types, entries);
  return entries;
}

}  // namespace punctum
