#include "inference/datasets/decathlon.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool names_a_lesion(const std::string& label) {
  constexpr std::array<std::string_view, 7> words{"cancer", "tumor", "tumour", "lesion", "cyst", "metasta", "nodule"};
  const auto text = lower(label);
  return std::any_of(words.begin(), words.end(), [&](auto word) { return text.find(word) != std::string::npos; });
}

std::string spdx(const std::string& licence) {
  const auto text = lower(licence);
  const bool share_alike = text.find("by-sa") != std::string::npos && text.find("4.0") != std::string::npos;
  return share_alike ? "CC-BY-SA-4.0" : licence;
}

/// "liver_0" of "./imagesTr/liver_0.nii.gz".
std::string case_name(const fs::path& image) {
  const auto name = image.filename().string();
  return name.substr(0, name.find(".nii"));
}

int label_id(const std::string& text, const fs::path& folder) {
  int id = 0;
  const auto end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, id); read.ec != std::errc() || read.ptr != end) {
    throw ConfigError("cannot use " + folder.string() + ", /labels/" + text + ": found no number, expected a label id");
  }
  return id;
}

DecathlonTask task_of(const json& description, const fs::path& folder) {
  DecathlonTask task;
  task.name = description.at("name").get<std::string>();
  task.licence = spdx(description.value("licence", description.value("license", "")));
  for (const auto& [channel, modality] : description.at("modality").items()) {
    if (lower(modality.get<std::string>()) != "ct") {
      throw ConfigError("cannot use " + folder.string() + ", /modality/" + channel + ": found " + modality.dump() +
                        ", expected \"CT\"");
    }
  }
  for (const auto& [id, name] : description.at("labels").items()) {
    if (names_a_lesion(name.get<std::string>()))
      task.lesion_labels.emplace_back(label_id(id, folder), lower(name.get<std::string>()));
  }
  for (const auto& pair : description.at("training")) {
    const fs::path image = pair.at("image").get<std::string>(), labels = pair.at("label").get<std::string>();
    task.training.push_back(
        {case_name(image), (folder / image).lexically_normal(), (folder / labels).lexically_normal()});
  }
  return task;
}

}  // namespace

DecathlonTask read_decathlon(const fs::path& folder) {
  const auto file = folder / "dataset.json";
  std::ifstream stream(file);
  if (!stream) throw ConfigError("cannot use " + folder.string() + ": found no dataset.json, expected one");
  try {
    return task_of(json::parse(stream), folder);
  } catch (const json::exception& error) {
    throw ConfigError("cannot use " + file.string() + ": " + error.what());
  }
}

}  // namespace punctum
