#pragma once

#include <deque>
#include <optional>
#include <stop_token>

#include "dicom/net/association.hpp"
#include "dicom/net/dimse_status.hpp"
#include "dicom/net/scp_server.hpp"
#include "dicom/net/services.hpp"
#include "dicom/types/commitment.hpp"

namespace punctum {

/// Storage Commitment reports to a peer that cannot be called: they go out where it asked, one at a time (PS3.4
/// J.3.3.1). Between a report and its answer it may send requests, which are served.
struct ReportsHere {
  struct Owed {
    std::uint8_t context_id = 0;
    Uid transaction_uid;
    std::optional<Commitment> report{};  ///< once it was its turn
    std::size_t checked = 0;             ///< objects of it that were read back
  };
  struct Sent {
    std::uint8_t context_id = 0;
    Uid transaction_uid;
    std::uint16_t message_id = 0;
  };
  std::deque<Owed> owed;
  std::optional<Sent> unanswered;
  std::uint16_t next_message_id = 0x8000;  ///< apart from those of the C-STOREs of a C-GET
};

/// What the service of one command needs: an established association and the node behind it.
struct Dialogue {
  Association& association;
  const Services& services;
  const ScpOptions& options;
  Caller caller;
  std::stop_token stop;
  ReportsHere reports{};
};

/// A response to this request: command field, message ID, SOP class and status filled (PS3.7 9.3).
CommandSet response_to(const CommandSet& request, const DimseStatus& status);

/// Reads what the peer sent while it is owed a final response. @return true if that was a C-CANCEL-RQ for `message_id`.
/// @throws ProtocolError if it was neither one nor the answer to a report.
bool read_cancel(Dialogue& dialogue, std::uint16_t message_id);
/// The same, without waiting; false also if nothing came.
bool cancelled(Dialogue& dialogue, std::uint16_t message_id);

/// Sends the next report that is owed, unless the last one has no answer yet or the peer is saying something.
void send_owed_report(Dialogue& dialogue);
/// @return whether the command was the answer to the last report, which is settled then.
bool take_report_answer(Dialogue& dialogue, const Command& command);

/// A C-FIND, C-MOVE or C-GET request with its identifier read. @throws DicomError if it cannot be understood.
struct QueryCommand {
  std::uint8_t context_id = 0;
  std::string transfer_syntax;
  QueryRequest request;
};
QueryCommand read_query(Dialogue& dialogue, const Command& command);

// The services. Each reads the rest of its request and answers; what it throws ends the association.
void serve_store(Dialogue& dialogue, const Command& command);
void serve_find(Dialogue& dialogue, const Command& command);
void serve_get(Dialogue& dialogue, const Command& command);
void serve_move(Dialogue& dialogue, const Command& command);
void serve_commitment_request(Dialogue& dialogue, const Command& command);
void serve_commitment_report(Dialogue& dialogue, const Command& command);

}  // namespace punctum
