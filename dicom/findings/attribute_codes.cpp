#include "dicom/findings/attribute_codes.hpp"

#include <array>

namespace punctum {
namespace {

struct BareCode {
  std::string_view value, scheme;
};

/// One row an attribute, in the order of the vocabulary: its own code, then those of its labels.
struct AttributeCodes {
  BareCode name;
  std::array<BareCode, 4> labels;
};

constexpr std::array<AttributeCodes, attribute_count> codes{{
    {{"300842002", "SCT"},
     {{{"42700002", "SCT"}, {"49608001", "SCT"}, {"SHP-WALL", private_scheme}, {"SHP-PUNCT", private_scheme}}}},
    {{"DEN", private_scheme}, {{{"DEN-HYPO", private_scheme}, {"129745007", "SCT"}, {"129744006", "SCT"}, {}}}},
    {{"112010", "DCM"}, {{{"112160", "DCM"}, {"RID6060", "RADLEX"}, {}, {}}}},
    {{"112007", "DCM"}, {{{"260409000", "SCT"}, {"300841009", "SCT"}, {}, {}}}},
    {{"INV", private_scheme}, {{{"INV-NONE", private_scheme}, {"INV-CLOSE", private_scheme}, {}, {}}}},
}};

CodedConcept with_meaning(const BareCode& code, std::string_view meaning) {
  return {std::string(code.value), std::string(code.scheme), std::string(meaning)};
}

}  // namespace

CodedConcept attribute_code(Attribute attribute) {
  const auto row = static_cast<std::size_t>(attribute);
  return with_meaning(codes[row].name, attribute_vocabulary()[row].name);
}

CodedConcept label_code(Attribute attribute, std::size_t label) {
  const auto row = static_cast<std::size_t>(attribute);
  return with_meaning(codes[row].labels.at(label), attribute_vocabulary()[row].labels.at(label));
}

}  // namespace punctum
