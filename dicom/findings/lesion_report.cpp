#include "dicom/findings/lesion_report.hpp"

#include <algorithm>

namespace punctum {

const std::array<AttributeVocabulary, attribute_count>& attribute_vocabulary() {
  static const std::array<AttributeVocabulary, attribute_count> vocabulary{{
      {Attribute::shape, "Shape", {"Round-like", "Irregular", "Wall thickening", "Punctate, nodular"}},
      {Attribute::density, "Density", {"Hypodense", "Isodense", "Hyperdense"}},
      {Attribute::heterogeneity, "Heterogeneity", {"Homogeneous", "Heterogeneous"}},
      {Attribute::surface, "Surface", {"Well-defined margin", "Ill-defined margin"}},
      {Attribute::invasion,
       "Invasion",
       {"No close relationship with surrounding structures", "Close relationship with adjacent structures"}},
  }};
  return vocabulary;
}

std::optional<Attribute> attribute_named(std::string_view name) {
  for (const auto& entry : attribute_vocabulary()) {
    if (entry.name == name) return entry.attribute;
  }
  return std::nullopt;
}

std::optional<std::size_t> label_index(Attribute attribute, std::string_view label) {
  const auto& labels = attribute_vocabulary()[static_cast<std::size_t>(attribute)].labels;
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found == labels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - labels.begin());
}

std::size_t AttributeFinding::best() const {
  return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

}  // namespace punctum
