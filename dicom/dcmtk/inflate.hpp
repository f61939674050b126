#pragma once

#include "dicom/types/bytes.hpp"

namespace punctum {

struct Inflated {
  Bytes bytes;
  bool complete = false;  ///< whether the end of the compressed stream was there
};

/// Inflates a data set of a deflated transfer syntax, which has no zlib header (PS3.5 A.5).
/// @throws DicomError if it is damaged or grows beyond the limit. Any thread.
Inflated inflate_dataset(ByteView deflated, std::size_t limit);

}  // namespace punctum
