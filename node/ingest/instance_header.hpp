#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "dicom/types/bytes.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

/// What the index wants to know of a data set before it is stored.
struct InstanceHeader {
  SopInstance name;
  std::map<std::string, std::string, std::less<>> attributes;  ///< by keyword (storage/query_keys.hpp), UTF-8
};

/// Reads names and query attributes of a data set without its pixel data.
/// @param head the first bytes of the data set, @param dataset_size how many there are in all.
/// @throws DicomError if it cannot be parsed, nests too deeply, a length reaches past its end, or a type 1 identifier
/// is missing. Any thread.
InstanceHeader read_instance_header(ByteView head, const Uid& transfer_syntax_uid, std::uint64_t dataset_size);

}  // namespace punctum
