#pragma once

#include <optional>

#include "dicom/types/bytes.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// Whether it is a DICOM file to its last byte: what a crash has cut short is not.
bool is_whole_file(ByteView part10);

/// What the index keeps of a complete DICOM file, for files whose storing a crash cut off; nothing if it is none.
std::optional<InstanceRecord> record_of_file(ByteView part10);

/// The same of a file that must be one. @throws DicomError
InstanceRecord describe_file(ByteView part10);

}  // namespace punctum
