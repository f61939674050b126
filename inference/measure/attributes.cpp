#include "inference/measure/attributes.hpp"

#include <algorithm>
#include <cmath>

#include "inference/measure/lesion_form.hpp"
#include "inference/measure/lesion_patch.hpp"
#include "inference/measure/surroundings.hpp"

namespace punctum {
namespace {

constexpr int unknown = -1;

// Indices of labels in the vocabulary (dicom/findings/lesion_report.hpp).
constexpr int round_like = 0, irregular = 1, punctate = 3;
constexpr int hypodense = 0, isodense = 1, hyperdense = 2;
constexpr int homogeneous = 0, heterogeneous = 1;
constexpr int well_defined = 0, ill_defined = 1;

constexpr double surroundings_mm = 12;

/// May be a thickened wall or just a flat lesion: the mask alone cannot tell. Of the phantoms' walls 22 in 24 are
/// thinner than 0.40 of their extent, the rest than 0.45.
bool is_sheet(const LesionForm& form, double share_of_extent) {
  const double share = form.thickness_mm / form.extent_mm;
  return form.extent_mm > 10 && (share < 0.35 || (share < share_of_extent && form.solidity < 0.85));
}

int shape_of(const LesionForm& form) {
  if (form.extent_mm <= longest_punctate_mm) return punctate;
  if (is_sheet(form, 0.40)) return unknown;
  if (form.sphericity >= 0.85 && form.solidity >= 0.92) return round_like;
  if (form.sphericity <= 0.75 || form.solidity <= 0.85) return irregular;
  return unknown;
}

int density_of(double contrast_hu) {
  if (contrast_hu < -15) return hypodense;
  if (contrast_hu > 15) return hyperdense;
  return std::abs(contrast_hu) <= 12 ? isodense : unknown;
}

/// Whichever of the tissues around is the host: the answer counts only if it is the same for all.
int density_of(double mean_hu, const std::vector<HostTissue>& hosts) {
  if (hosts.empty()) return unknown;
  const int first = density_of(mean_hu - hosts.front().mean_hu);
  const bool agreed = std::all_of(hosts.begin(), hosts.end(),
                                  [&](const auto& host) { return density_of(mean_hu - host.mean_hu) == first; });
  return agreed ? first : unknown;
}

int heterogeneity_of(double excess_sd_hu) {
  if (excess_sd_hu <= 4) return homogeneous;
  return excess_sd_hu >= 12 ? heterogeneous : unknown;
}

int surface_of(double width_mm) {
  if (width_mm <= 2.5) return well_defined;
  return width_mm >= 5 ? ill_defined : unknown;
}

/// The deviation of a normal distribution with the same 5th and 95th percentile: blind to a few wild voxels.
double robust_sd(std::vector<double> values) {
  const auto at = [&](double share) {
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return *place;
  };
  const double low = at(0.05), high = at(0.95);
  return (high - low) / 3.29;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Noise as the surroundings show it. Air and lung do not: their noise is another, and vessels lie in them.
std::optional<double> noise_of(const std::vector<HostTissue>& hosts) {
  const auto soft = std::find_if(hosts.begin(), hosts.end(), [](const auto& host) { return host.mean_hu > -200; });
  return soft == hosts.end() ? std::nullopt : std::optional(soft->sd_hu);
}

}  // namespace

MeasuredAttributes measure_attributes(const Volume& volume, const LesionMask& mask) {
  MeasuredAttributes measured;
  const auto patch = cut_patch(volume, mask, surroundings_mm);
  if (patch.mask.empty()) return measured;
  const auto label = [&](Attribute attribute) -> int& { return measured.labels[static_cast<std::size_t>(attribute)]; };

  const auto form = measure_form(patch);
  measured.extent_mm = form.extent_mm;
  measured.sphericity = form.sphericity;
  measured.solidity = form.solidity;
  measured.thickness_mm = form.thickness_mm;
  label(Attribute::shape) = shape_of(form);

  const auto inner = inner_hu(patch);
  const auto hosts = host_tissues(patch);
  if (!hosts.empty()) measured.contrast_hu = mean_of(inner) - hosts.front().mean_hu;
  // Around a wall lie the lumen and fat, but its host is the wall.
  if (!is_sheet(form, 0.45)) label(Attribute::density) = density_of(mean_of(inner), hosts);

  const auto noise = noise_of(hosts);
  if (noise) {
    measured.excess_sd_hu = robust_sd(inner) - *noise;
    label(Attribute::heterogeneity) = heterogeneity_of(*measured.excess_sd_hu);
  }
  measured.edge_width_mm = edge_width_mm(patch, noise.value_or(15));
  if (measured.edge_width_mm) label(Attribute::surface) = surface_of(*measured.edge_width_mm);
  return measured;
}

}  // namespace punctum
