#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/net/services.hpp"

namespace punctum {

/// A presentation context as proposed (PS3.8 9.3.2.2). UIDs are the peer's own text, not validated.
struct ProposedContext {
  std::uint8_t id = 0;
  std::string abstract_syntax;
  std::vector<std::string> transfer_syntaxes;  ///< in the proposer's order
  bool proposer_is_scp = false;                ///< SCP role proposed: a C-GET requestor that wants to receive
};

/// A context that both sides agreed on.
struct PresentationContext {
  std::uint8_t id = 0;
  std::string abstract_syntax;
  std::string transfer_syntax;
  bool peer_is_scp = false;  ///< the peer takes C-STORE requests in this context
};

inline constexpr std::size_t largest_context_count = 128;  ///< odd IDs 1 to 255

/// Why a context cannot be used: PS3.8 9.3.3.2.
enum class ContextRefusal { abstract_syntax, transfer_syntaxes };

struct ContextAnswer {
  std::optional<std::string> transfer_syntax;  ///< accepted with this one
  ContextRefusal refusal = ContextRefusal::abstract_syntax;
};

/// The accepting side's policy (PS3.4 B.3, C.4, J; dicom/CONFORMANCE.md 2.3): Verification, Query/Retrieve, Storage
/// Commitment, every storage class, private ones included. Data sets are stored as they come, so the first standard
/// transfer syntax is taken; SEG and SR in Explicit VR Little Endian if that is offered, since receivers have corrupted
/// binary SEG in Implicit VR. Pure.
ContextAnswer answer(const ProposedContext& proposed);

/// Any class that is not known to be a service of another kind.
bool is_storage_class(std::string_view abstract_syntax);

/// Contexts needed to send these objects as they are stored, and re-encoded to the little endian syntaxes where that
/// loses nothing. One context for each syntax: a peer that takes several must not be the one to choose. Groups of
/// object indices, each with at most 128 contexts: one association each.
struct SendPlan {
  std::vector<std::size_t> objects;
  std::vector<ProposedContext> contexts;
};
std::vector<SendPlan> plan_sending(const std::vector<Retrievable>& objects);

/// The context to send this object in: one with its stored syntax, else a little endian one, explicit before implicit,
/// if no value is lost on the way. Nothing if the peer took none.
const PresentationContext* context_for(const std::vector<PresentationContext>& contexts, const Retrievable& object,
                                       bool peer_must_be_scp);

}  // namespace punctum
