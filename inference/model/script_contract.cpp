#include "inference/model/script_contract.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr const char* contract_name = "punctum-script/1";

[[noreturn]] void refuse(const std::string& what) { throw ModelError("cannot run TorchScript program: " + what); }

}  // namespace

void ScriptContract::check() const {
  if (crop < 16 || crop > 256) refuse("crop is " + std::to_string(crop) + ", expected 16 to 256");
  if (spacings_mm.empty()) refuse("it has no spacings");
  for (std::size_t i = 0; i < spacings_mm.size(); ++i) {
    const bool finer = i == 0 || spacings_mm[i - 1] < spacings_mm[i];
    if (spacings_mm[i] > 0.1 && spacings_mm[i] < 20 && finer) continue;
    refuse("found spacing " + std::to_string(spacings_mm[i]) + " mm, expected 0.1 to 20 mm, finest first");
  }
  for (const int group : attribute_groups) {
    if (group < 2 || group > 64) refuse("an attribute group has " + std::to_string(group) + " labels");
  }
}

void to_json(nlohmann::json& json, const ScriptContract& contract) {
  json = {{"torchscript", contract_name},
          {"crop", contract.crop},
          {"spacings_mm", contract.spacings_mm},
          {"attribute_groups", contract.attribute_groups}};
}

void from_json(const nlohmann::json& json, ScriptContract& contract) {
  if (!json.is_object() || json.size() != 4) refuse("expected torchscript, crop, spacings_mm and attribute_groups");
  try {
    const auto name = json.at("torchscript").get<std::string>();
    if (name != contract_name) refuse("found contract \"" + name + "\", expected " + contract_name);
    json.at("crop").get_to(contract.crop);
    json.at("spacings_mm").get_to(contract.spacings_mm);
    json.at("attribute_groups").get_to(contract.attribute_groups);
  } catch (const nlohmann::json::exception& error) {
    refuse(std::string("a field is missing or mistyped: ") + error.what());
  }
  contract.check();
}

}  // namespace punctum
