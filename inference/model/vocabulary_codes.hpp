#pragma once

#include <array>
#include <vector>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/types/coded_concept.hpp"

namespace punctum {

/// The codes that a manifest declares for the network's outputs: the attribute, and its labels in order.
struct VocabularyCodes {
  CodedConcept attribute;
  std::vector<CodedConcept> labels;
};

/// Index = Attribute. Meanings are the template's exact labels.
const std::array<VocabularyCodes, attribute_count>& vocabulary_codes();

}  // namespace punctum
