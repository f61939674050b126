#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dicom/net/services.hpp"
#include "dicom/types/bytes.hpp"

/// The data sets of C-FIND, C-MOVE and C-GET (PS3.4 C.4), between the wire and our value types.
namespace punctum {

struct DecodedIdentifier {
  std::string level;  ///< upper case, as (0008,0052) says; empty if absent
  Identifier keys;    ///< without level, character set and group lengths; sequences with their items
};

/// No query has more; each row of the answer looks through them all.
inline constexpr std::size_t most_query_elements = 10'000;

/// @throws DicomError if it cannot be parsed, or holds more elements and items than `most_elements`.
DecodedIdentifier decode_identifier(ByteView bytes, std::string_view transfer_syntax,
                                    std::size_t most_elements = most_query_elements);

/// One C-FIND match: the given elements, (0008,0005) ISO_IR 192, the level, and who can be asked for the objects
/// (0008,0054). @throws DicomError for a value that its VR cannot hold.
Bytes encode_match(const Identifier& match, const std::string& level, const AeTitle& retrieve_from,
                   std::string_view transfer_syntax);

/// Any elements, sequences with their items, as a data set of ASCII text.
Bytes encode_elements(const Identifier& elements, std::string_view transfer_syntax);

/// Failed SOP Instance UID List (0008,0058) of a final C-MOVE or C-GET response.
Bytes encode_failed_list(const std::vector<Uid>& failed, std::string_view transfer_syntax);

}  // namespace punctum
