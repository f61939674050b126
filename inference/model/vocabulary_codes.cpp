#include "inference/model/vocabulary_codes.hpp"

namespace punctum {
namespace {

constexpr const char* own = "99PUNCTUM";

struct Code {
  const char* value;
  const char* scheme;
};

VocabularyCodes with_meanings(std::size_t attribute, Code name, const std::vector<Code>& labels) {
  const auto& words = attribute_vocabulary()[attribute];
  VocabularyCodes codes{{name.value, name.scheme, std::string(words.name)}, {}};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    codes.labels.push_back({labels[i].value, labels[i].scheme, std::string(words.labels[i])});
  }
  return codes;
}

}  // namespace

const std::array<VocabularyCodes, attribute_count>& vocabulary_codes() {
  static const std::array<VocabularyCodes, attribute_count> all{
      with_meanings(0, {"300842002", "SCT"},
                    {{"42700002", "SCT"}, {"49608001", "SCT"}, {"SHP-WALL", own}, {"SHP-PUNCT", own}}),
      with_meanings(1, {"DEN", own}, {{"DEN-HYPO", own}, {"129745007", "SCT"}, {"129744006", "SCT"}}),
      with_meanings(2, {"112010", "DCM"}, {{"112160", "DCM"}, {"RID6060", "RADLEX"}}),
      with_meanings(3, {"112007", "DCM"}, {{"260409000", "SCT"}, {"300841009", "SCT"}}),
      with_meanings(4, {"INV", own}, {{"INV-NONE", own}, {"INV-CLOSE", own}})};
  return all;
}

}  // namespace punctum
