#pragma once

#include "dicom/types/commitment.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// Whether the archive still holds the object, bit for bit: its data set is read back and hashed. @return the failure
/// reason of PS3.3 C.14.1.1, or none. Any thread.
std::uint16_t reason_not_kept(Archive& archive, const CommittedObject& object);

}  // namespace punctum
