#pragma once

#include <cstdint>

#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// How large a data set may grow before it is refused. DCMTK 3.6.9 recurses into sequences without a limit and
/// allocates what a length field asks for; hostile lengths must be met before it sees them.
struct StructureLimits {
  std::size_t depth = 64;
  std::size_t elements = 1'000'000;  ///< items and fragments are counted too
  /// Elements must ascend (PS3.5 7.1). DCMTK sorts in those that do not, past all that stand behind them: so many steps
  /// are allowed in all. A million elements in descending order would take hours.
  std::size_t steps_of_sorting = 50'000'000;
  std::size_t inflated_bytes = std::size_t{256} << 20;
  /// Whether the walk goes through the top-level pixel data. Not before only a header is read: damaged pixels are no
  /// reason to refuse an object.
  bool with_pixel_data = true;
};

/// Walks the elements of a data set without recursion (PS3.5 7.1, 7.5) up to its pixel data (or through it, if the
/// limits say so) or the end of the view, and takes every tag, value representation and length as DCMTK would: what it
/// steps over as a value, DCMTK does not look into either.
/// @param head the data set's bytes or the first part of them. @param dataset_size of the whole data set.
/// @throws DicomError if it nests too deeply, holds too many elements or too many out of order, or an element claims
/// more than remains of the data set or of the item or sequence around it (names tag, claimed and remaining length), or
/// if the pixel data are not to be walked and a first part ends before them. Any thread.
void guard_structure(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size,
                     const StructureLimits& limits = {});

}  // namespace punctum
