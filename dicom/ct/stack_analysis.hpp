#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dicom/ct/ct_slice_reader.hpp"

namespace punctum {

/// Indices into the headers of a series, ordered by position along the normal.
using Stack = std::vector<std::size_t>;

/// Millimetres of a slice along the normal of its plane, from the origin of the frame of reference.
double height_mm(const CtSliceHeader& header);
/// The stack's members in ascending order along the normal.
Stack ordered_by_height(Stack stack, const std::vector<CtSliceHeader>& headers);

/// "the slice at z = -143.0 mm (image 88)"; for people.
std::string name_of(const CtSliceHeader& header);

/// Two neighbours in the ordered stack that lie at the same place.
struct Pair {
  std::size_t lower, upper;
};
std::optional<Pair> find_repeated_position(const Stack& ordered, const std::vector<CtSliceHeader>& headers);
/// Whether two acquisitions reach over the same stretch of the patient.
bool acquisitions_overlap(const Stack& ordered, const std::vector<CtSliceHeader>& headers);

/// A sentence that says which slices spoil a stack that does not form one regular grid: where a gap is and how many
/// slices it lacks, or where the distance is uneven.
std::string explain_irregular(const Stack& ordered, const std::vector<CtSliceHeader>& headers);

}  // namespace punctum
