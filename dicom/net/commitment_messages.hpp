#pragma once

#include <functional>

#include "dicom/net/dialogue.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/commitment.hpp"

namespace punctum {

/// An N-EVENT-REPORT-RQ about this transaction: event type 1 if all is kept, 2 if something is not (PS3.4 J.3.3.1).
CommandSet commitment_report_rq(const Commitment& commitment, std::uint16_t message_id);
/// An N-ACTION-RQ for it, action type 1 (PS3.4 J.3.2.1).
CommandSet commitment_action_rq(std::uint16_t message_id);

/// Answers an N-EVENT-REPORT: reads its data set, hands it on. @throws NetworkError
void answer_commitment_report(Association& association, const Command& command,
                              const std::function<DimseStatus(const Commitment&)>& on_report);

/// Sends the report on an association that stands. @throws NetworkError
void send_commitment_report(Association& association, std::uint8_t context_id, const Commitment& commitment,
                            std::uint16_t message_id);
/// Whether this answers the report with that message ID.
bool is_report_answer(const Command& command, std::uint16_t message_id);
/// Reads the rest of the answer. @throws NetworkError
SendOutcome outcome_of_report(Association& association, const Command& answer);

}  // namespace punctum
