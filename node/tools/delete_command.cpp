#include "node/tools/delete_command.hpp"

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "dicom/types/error.hpp"
#include "node/housekeeping/retention.hpp"
#include "storage/upkeep.hpp"

namespace punctum {
namespace {

std::string outcome_word(Deletion::Outcome outcome) {
  constexpr std::array words{"deleted", "unknown", "held"};
  return words.at(static_cast<std::size_t>(outcome));
}

std::string as_text(const std::string& study, const Deletion& deletion) {
  switch (deletion.outcome) {
    case Deletion::Outcome::deleted:
      return "deleted  " + study + "  " + std::to_string(deletion.instances) + " instances\n";
    case Deletion::Outcome::unknown:
      return "unknown  " + study + "  no such study is stored\n";
    default:
      return "held     " + study + "  " + deletion.why_held + "; --even-undelivered removes it all the same\n";
  }
}

}  // namespace

int run_delete(const DeleteOptions& options) {
  const auto config = load_config(options.config);
  std::vector<Uid> studies;
  for (const auto& study : options.studies) {
    auto uid = Uid::parse(study);
    if (!uid) throw ConfigError("--study: found \"" + study + "\", expected a Study Instance UID");
    studies.push_back(*uid);
  }
  const auto upkeep = Upkeep::open(config.data_dir, /*read_only=*/false);
  const DeletionRule rule{"operator", followers_before_deletion(), options.even_undelivered, std::nullopt};
  bool all = true;
  auto list = nlohmann::json::array();
  for (const auto& study : studies) {
    const auto deletion = upkeep->delete_study(study, rule);
    all = all && deletion.outcome == Deletion::Outcome::deleted;
    list.push_back({{"study_instance_uid", study.str()},
                    {"outcome", outcome_word(deletion.outcome)},
                    {"instances", deletion.instances},
                    {"why", deletion.why_held}});
    if (!options.json) std::cout << as_text(study.str(), deletion);
  }
  if (options.json) std::cout << nlohmann::json{{"studies", list}}.dump(2) << "\n";
  return all ? 0 : 1;
}

}  // namespace punctum
