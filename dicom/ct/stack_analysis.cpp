#include "dicom/ct/stack_analysis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace punctum {
namespace {

constexpr double same_place_mm = 0.05;
constexpr double relative_tolerance = 0.1;  ///< of the usual distance between slices

std::string mm(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string mm_exactly(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The distance that most steps have: with two candidates of equal standing, the smaller one.
double usual_step(const std::vector<double>& steps) {
  double best = median(steps);
  std::size_t most = 0;
  for (const double candidate : steps) {
    const auto count = static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [&](double step) {
      return std::abs(step - candidate) < relative_tolerance * candidate;
    }));
    if (count > most || (count == most && candidate < best)) {
      most = count;
      best = candidate;
    }
  }
  return best;
}

std::string slices_missing(int count) {
  return count == 1 ? "1 slice is missing" : std::to_string(count) + " slices are missing";
}

}  // namespace

double height_mm(const CtSliceHeader& header) {
  return dot(header.placed.plane.position_mm - PatientPoint{}, header.placed.plane.normal());
}

Stack ordered_by_height(Stack stack, const std::vector<CtSliceHeader>& headers) {
  std::vector<double> heights(headers.size());
  for (const auto i : stack) heights[i] = height_mm(headers[i]);
  std::stable_sort(stack.begin(), stack.end(), [&](auto a, auto b) { return heights[a] < heights[b]; });
  return stack;
}

std::string name_of(const CtSliceHeader& header) {
  const auto& plane = header.placed.plane;
  const bool axial = std::abs(plane.normal().z) > 0.7;
  const auto place = axial ? "z = " + mm(plane.position_mm.z) : mm(height_mm(header));
  const auto& uid = header.placed.instance.sop_instance_uid.str();
  const auto image = header.instance_number ? std::to_string(*header.instance_number) : uid;
  return "the slice at " + place + " mm" + (axial ? "" : " along the normal") + " (image " + image + ")";
}

std::optional<Pair> find_repeated_position(const Stack& ordered, const std::vector<CtSliceHeader>& headers) {
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    if (height_mm(headers[ordered[i]]) - height_mm(headers[ordered[i - 1]]) < same_place_mm) {
      return Pair{ordered[i - 1], ordered[i]};
    }
  }
  return std::nullopt;
}

bool acquisitions_overlap(const Stack& ordered, const std::vector<CtSliceHeader>& headers) {
  // In an ordered stack, acquisitions that do not overlap come one after the other.
  std::map<std::optional<int>, std::size_t> last_seen;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto& acquisition = headers[ordered[i]].acquisition_number;
    const auto seen = last_seen.find(acquisition);
    if (seen != last_seen.end() && seen->second + 1 != i) return true;
    last_seen[acquisition] = i;
  }
  return false;
}

std::string explain_irregular(const Stack& ordered, const std::vector<CtSliceHeader>& headers) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    steps.push_back(height_mm(headers[ordered[i]]) - height_mm(headers[ordered[i - 1]]));
  }
  const double usual = usual_step(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& lower = headers[ordered[i]];
    const auto& upper = headers[ordered[i + 1]];
    const double multiple = steps[i] / usual;
    if (std::abs(multiple - 1) < relative_tolerance) continue;
    const bool gap = multiple > 1.5 && std::abs(multiple - std::round(multiple)) < 2 * relative_tolerance;
    if (gap) {
      return "The CT series has a gap of " + mm(steps[i]) + " mm between " + name_of(lower) + " and " + name_of(upper) +
             ", while slices elsewhere lie " + mm(usual) +
             " mm apart: " + slices_missing(static_cast<int>(std::round(multiple)) - 1) + ".";
    }
    return "The CT series has uneven slice distances: " + mm_exactly(steps[i]) + " mm between " + name_of(lower) +
           " and " + name_of(upper) + ", while slices elsewhere lie " + mm_exactly(usual) + " mm apart.";
  }
  double most = 0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (const double off = std::abs(steps[i] - usual); off >= most) {
      most = off;
      worst = i;
    }
  }
  return "The slices of the CT series do not lie above each other on one straight line; the first doubt is between " +
         name_of(headers[ordered[worst]]) + " and " + name_of(headers[ordered[worst + 1]]) + ".";
}

}  // namespace punctum
