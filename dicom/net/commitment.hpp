#pragma once

#include <chrono>
#include <functional>

#include "dicom/net/dimse_status.hpp"
#include "dicom/net/services.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/commitment.hpp"

/// Storage Commitment Push Model, PS3.4 Annex J: data sets, and the two messages as their sender. What answers them is
/// in commitment_scp.cpp.
namespace punctum {

/// Action Information of a request; also Event Information, where the objects carry their failure reasons.
Bytes encode_commitment(const Commitment& commitment, std::string_view transfer_syntax);
/// @throws DicomError if it cannot be parsed, or names no transaction or no object.
Commitment decode_commitment(ByteView bytes, std::string_view transfer_syntax);

/// N-ACTION: asks the peer to keep the objects. Listens for `linger` whether it answers at once on the same
/// association, and hands that answer to `on_report`. @return sent; transient or permanent otherwise. Never throws for
/// what the peer does. Any thread.
SendOutcome request_commitment(const Peer& peer, const Commitment& commitment, const SendOptions& options,
                               std::chrono::milliseconds linger,
                               const std::function<DimseStatus(const Commitment&)>& on_report);

/// N-EVENT-REPORT on an association of its own, roles reversed (PS3.4 J.3.3). Any thread.
SendOutcome report_commitment(const Peer& peer, const Commitment& commitment, const SendOptions& options);

}  // namespace punctum
