#pragma once

#include <cstddef>
#include <string_view>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/types/coded_concept.hpp"

/// The codes of the five attributes and of their labels, for reports and for the manifests of models. A published code
/// is used where its meaning equals the template's; else one of the private scheme. Which, and why: sr/README.md.
namespace punctum {

inline constexpr std::string_view private_scheme = "99PUNCTUM";

/// "Shape", "Density", ...
CodedConcept attribute_code(Attribute attribute);
/// "Round-like", ... : Code Meaning is the template's exact label. @param label index into the vocabulary.
CodedConcept label_code(Attribute attribute, std::size_t label);

/// What SEG and SR alike say that the finding is; of its kind nothing is claimed.
inline const CodedConcept finding_category_code{"49755003", "SCT", "Morphologically Abnormal Structure"};
inline const CodedConcept finding_code{"52988006", "SCT", "Lesion"};

}  // namespace punctum
