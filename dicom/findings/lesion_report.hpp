#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace punctum {

/// The five attributes of the template (paper, Table 1), in the order in which the network's heads stand.
enum class Attribute { shape, density, heterogeneity, surface, invasion };
inline constexpr std::size_t attribute_count = 5;

struct AttributeVocabulary {
  Attribute attribute;
  std::string_view name;                 ///< "Shape"
  std::vector<std::string_view> labels;  ///< exact labels of the template
};

/// The whole vocabulary, index = Attribute. Labels are the template's (sr/README.md), in the order of the network's.
const std::array<AttributeVocabulary, attribute_count>& attribute_vocabulary();
/// @return nothing for an unknown name or label.
std::optional<Attribute> attribute_named(std::string_view name);
std::optional<std::size_t> label_index(Attribute attribute, std::string_view label);

/// What the network says about one attribute: a probability per label, summing to 1.
struct AttributeFinding {
  Attribute attribute = Attribute::shape;
  std::vector<double> probabilities;  ///< calibrated; index = label
  std::size_t best() const;
  double best_probability() const { return probabilities[best()]; }
  std::string_view best_label() const {
    return attribute_vocabulary()[static_cast<std::size_t>(attribute)].labels[best()];
  }
};

/// Measured on the written mask and the original HU.
struct LesionMeasurements {
  std::size_t voxel_count = 0;
  double volume_mm3 = 0;
  double long_axis_mm = 0;   ///< largest in-plane diameter over all slices
  double short_axis_mm = 0;  ///< largest diameter perpendicular to it, on the same slice
  int axis_slice = 0;        ///< z of that slice
  double mean_hu = 0;
  double sd_hu = 0;  ///< population standard deviation
  double min_hu = 0;
  double max_hu = 0;
};

/// What the node tells the reader about one lesion.
struct LesionReport {
  std::optional<LesionMeasurements> measurements;  ///< absent when nothing was segmented
  std::vector<AttributeFinding> attributes;        ///< five, or none when the model's heads are untrained
  double mask_quality = 0;                         ///< the network's own estimate of its IoU, 0 to 1; 0: no estimate
  int round = 1;                                   ///< 1 for the first presentation state of a lesion
};

}  // namespace punctum
