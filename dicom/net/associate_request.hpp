#pragma once

#include "dicom/types/bytes.hpp"

namespace punctum {

/// Looks through an A-ASSOCIATE-RQ PDU, header included, before DCMTK parses it: every item must lie within the one
/// that holds it, and no UID may be longer than a UID can be (PS3.8 9.3.2, D.1). DCMTK 3.6.9 refuses such requests too,
/// but leaks what it had parsed of them, and anybody can send one.
/// @throws ProtocolError that names the item. Pure.
void guard_associate_request(ByteView pdu);

}  // namespace punctum
