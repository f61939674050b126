#pragma once

#include <vector>

#include "dicom/net/services.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// The level's word (PS3.4 C.6.1.1.1, C.6.2.1.1) in this information model. @throws DicomError (A900) otherwise.
QueryLevel query_level(const QueryRequest& request);

/// A C-FIND identifier as a query of the archive (PS3.4 C.4.1.1). Hierarchical unless relational was negotiated: the
/// unique keys above the level must be there, with one value each. Keys that are not indexed are ignored, keys below
/// the level are not matched. @throws DicomError (A900) for an identifier that breaks these rules.
Query to_query(const QueryRequest& request);

/// The unique keys of a C-MOVE or C-GET identifier (PS3.4 C.4.2.1, C.4.3.1): one value above the level, one or a list
/// of UIDs at the level, nothing universal. @throws DicomError (A900)
std::vector<Match> to_unique_keys(const QueryRequest& request);

/// One row of the archive as the identifier of a pending response: every key that was asked for and is indexed, empty
/// where the row has no value. Level, character set and Retrieve AE Title are the protocol's (dicom/net/find_scp).
Identifier to_identifier(const QueryRow& row, const QueryRequest& request);

}  // namespace punctum
