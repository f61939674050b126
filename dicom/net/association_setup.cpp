// How associations come about; what happens on them is in association.cpp.
#include "dicom/net/association_handles.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/cond.h>
#include <dcmtk/dcmnet/dul.h>
#include <dcmtk/ofstd/ofstd.h>

#include <algorithm>
#include <iterator>
#include <mutex>

#include "dicom/net/associate_request.hpp"
#include "dicom/net/pdu.hpp"
#include "dicom/net/tcp.hpp"
#include "dicom/types/commitment.hpp"
#include "dicom/types/implementation.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr int acse_timeout_s = 30;

/// DCMTK takes an accepted socket only from one process-wide variable. The A-ASSOCIATE-RQ is in memory by then, so
/// nobody waits for the network while holding this.
std::mutex& acceptor_mutex() {
  static std::mutex mutex;
  return mutex;
}

void require(const OFCondition& condition, const std::string& doing) {
  if (condition.bad()) throw NetworkError("cannot " + doing + ": " + condition.text());
}

/// What DCMTK can handle.
long pdu_limit(std::uint32_t wanted) {
  return std::clamp<long>(static_cast<long>(wanted), ASC_MINIMUMPDUSIZE, ASC_MAXIMUMPDUSIZE);
}

/// Who wrote this software (PS3.7 D.3.3.2).
void put_implementation(T_ASC_Parameters& parameters) {
  OFStandard::strlcpy(parameters.ourImplementationClassUID, implementation::class_uid.data(),
                      sizeof(parameters.ourImplementationClassUID));
  OFStandard::strlcpy(parameters.ourImplementationVersionName, implementation::version_name.data(),
                      sizeof(parameters.ourImplementationVersionName));
}

}  // namespace

Association::Association(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
Association::Association(Association&&) noexcept = default;
Association::~Association() = default;

Association Association::receive(FileDescriptor socket, Bytes associate_rq, std::uint32_t max_pdu,
                                 std::stop_token stop) {
  try {
    guard_associate_request(associate_rq);
  } catch (const ProtocolError&) {
    Channel channel(std::move(socket), {}, std::move(stop));
    (void)channel.write(pdu::abort_by_provider.data(), pdu::abort_by_provider.size());
    channel.close_gently(std::chrono::seconds(1));
    throw;
  }
  const int descriptor = socket.get();
  auto handles = std::make_unique<Handles>(
      ChannelLayer(std::make_shared<Channel>(std::move(socket), std::move(associate_rq), std::move(stop))));
  handles->channel().set_deadline(std::chrono::seconds(acse_timeout_s));

  const std::lock_guard lock(acceptor_mutex());
  dcmDisableGethostbyaddr.set(OFTrue);  // no name lookups while somebody waits for us
  dcmExternalSocketHandle.set(descriptor);
  auto condition = ASC_initializeNetwork(NET_ACCEPTOR, 0, acse_timeout_s, &handles->network);
  if (condition.good()) condition = ASC_setTransportLayer(handles->network, &handles->layer, /*takeover=*/0);
  if (condition.good()) {
    condition = ASC_receiveAssociation(handles->network, &handles->association, pdu_limit(max_pdu));
  }
  dcmExternalSocketHandle.set(-1);
  require(condition, "read an association request");
  return Association(std::move(handles));
}

namespace {

/// Nobody answered at this address at all; another one of the same host may do.
class Unreachable : public NetworkError {
 public:
  using NetworkError::NetworkError;
};

T_ASC_Parameters* make_parameters(const AssociationRequest& wanted, const std::string& address) {
  T_ASC_Parameters* parameters = nullptr;
  require(ASC_createAssociationParameters(&parameters, pdu_limit(wanted.max_pdu),
                                          static_cast<Sint32>(wanted.timeout.count())),
          "prepare an association");
  const auto& peer = wanted.peer;
  put_implementation(*parameters);
  (void)ASC_setAPTitles(parameters, wanted.calling.str().c_str(), peer.ae_title.str().c_str(), nullptr);
  (void)ASC_setPresentationAddresses(parameters, "localhost", (address + ":" + std::to_string(peer.port)).c_str());
  (void)ASC_setProtocolFamily(parameters, ASC_AF_UNSPEC);
  for (const auto& context : wanted.contexts) {
    std::vector<const char*> syntaxes;
    for (const auto& syntax : context.transfer_syntaxes) syntaxes.push_back(syntax.c_str());
    const auto condition = ASC_addPresentationContext(parameters, context.id, context.abstract_syntax.c_str(),
                                                      syntaxes.data(), static_cast<int>(syntaxes.size()),
                                                      context.proposer_is_scp ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_DEFAULT);
    if (condition.bad()) {
      ASC_destroyAssociationParameters(&parameters);
      require(condition, "propose presentation context " + std::to_string(context.id));
    }
  }
  return parameters;
}

AssociationRejected rejection_by(const Peer& peer, T_ASC_Parameters* parameters) {
  T_ASC_RejectParameters answer{};
  (void)ASC_getRejectParameters(parameters, &answer);
  const bool permanent = answer.result == ASC_RESULT_REJECTEDPERMANENT;
  return {permanent, "cannot associate with " + peer.str() + ": it rejects " + (permanent ? "for good" : "for now") +
                         " (result " + std::to_string(answer.result) + ", source " + std::to_string(answer.source) +
                         ", reason " + std::to_string(answer.reason & 0xff) + ")"};
}

/// What the two sides agreed on, out of what we proposed.
std::vector<PresentationContext> agreed_contexts(T_ASC_Parameters* parameters) {
  std::vector<PresentationContext> agreed;
  const int count = ASC_countPresentationContexts(parameters);
  for (int i = 0; i < count; ++i) {
    T_ASC_PresentationContext context{};
    if (ASC_getPresentationContext(parameters, i, &context).bad() || context.resultReason != ASC_P_ACCEPTANCE) continue;
    agreed.push_back({context.presentationContextID, context.abstractSyntax, context.acceptedTransferSyntax, true});
  }
  return agreed;
}

}  // namespace

std::unique_ptr<Association::Handles> Association::call(const AssociationRequest& wanted, const std::string& address) {
  const auto timeout_s = static_cast<int>(wanted.timeout.count());
  const auto doing = "associate with " + wanted.peer.str();
  auto handles = std::make_unique<Handles>(ChannelLayer(wanted.stop, wanted.timeout));
  {
    const std::lock_guard lock(acceptor_mutex());  // DCMTK's first initialization of a network is not thread-safe
    require(ASC_initializeNetwork(NET_REQUESTOR, 0, timeout_s, &handles->network), doing);
  }
  require(ASC_setTransportLayer(handles->network, &handles->layer, /*takeover=*/0), doing);
  auto* parameters = make_parameters(wanted, address);
  const auto condition = ASC_requestAssociation(handles->network, parameters, &handles->association, nullptr, nullptr,
                                                DUL_NOBLOCK, timeout_s);
  if (condition == DUL_ASSOCIATIONREJECTED) throw rejection_by(wanted.peer, parameters);
  if (handles->association == nullptr) ASC_destroyAssociationParameters(&parameters);
  if (condition.good()) return handles;
  if (!handles->layer.channel()) throw Unreachable("cannot " + doing + ": " + condition.text());
  if (handles->channel().timed_out()) {
    throw NetworkError("cannot " + doing + ": no answer within " + std::to_string(timeout_s) + " s");
  }
  throw NetworkError("cannot " + doing + ": " + condition.text());
}

Association Association::request(const AssociationRequest& wanted) {
  const auto addresses = tcp::resolve(wanted.peer.host);
  for (auto address = addresses.begin();; ++address) {
    try {
      Association association(call(wanted, *address));
      association.contexts_ = agreed_contexts(association.handles_->association->params);
      association.set_patience(wanted.timeout);
      return association;
    } catch (const Unreachable&) {
      if (std::next(address) == addresses.end()) throw;
    }
  }
}

std::string Association::calling_title() const { return handles_->association->params->DULparams.callingAPTitle; }
std::string Association::called_title() const { return handles_->association->params->DULparams.calledAPTitle; }

bool Association::speaks_dicom() const {
  return std::string_view(handles_->association->params->DULparams.applicationContextName) ==
         DICOM_STDAPPLICATIONCONTEXT;
}

void Association::set_patience(std::chrono::milliseconds patience) noexcept {
  patience_ = patience;
  handles_->channel().set_write_patience(patience);
}

void Association::accept(bool offer_commitment) {
  auto* parameters = handles_->association->params;
  put_implementation(*parameters);
  const int count = ASC_countPresentationContexts(parameters);
  for (int i = 0; i < count; ++i) {
    T_ASC_PresentationContext raw{};
    require(ASC_getPresentationContext(parameters, i, &raw), "read a presentation context");
    const std::vector<std::string> syntaxes(raw.proposedTransferSyntaxes,
                                            raw.proposedTransferSyntaxes + raw.transferSyntaxCount);
    const bool scp = raw.proposedRole == ASC_SC_ROLE_SCP || raw.proposedRole == ASC_SC_ROLE_SCUSCP;
    const ProposedContext proposed{raw.presentationContextID, raw.abstractSyntax, syntaxes, scp};
    const bool is_commitment = proposed.abstract_syntax == sop_class::storage_commitment_push;
    const auto chosen = is_commitment && !offer_commitment ? ContextAnswer{} : answer(proposed);
    if (!chosen.transfer_syntax) {
      (void)ASC_refusePresentationContext(parameters, raw.presentationContextID,
                                          chosen.refusal == ContextRefusal::abstract_syntax
                                              ? ASC_P_ABSTRACTSYNTAXNOTSUPPORTED
                                              : ASC_P_TRANSFERSYNTAXESNOTSUPPORTED);
      continue;
    }
    const bool either_role = is_commitment || is_storage_class(proposed.abstract_syntax);
    const auto role = either_role ? raw.proposedRole : ASC_SC_ROLE_DEFAULT;
    require(ASC_acceptPresentationContext(parameters, raw.presentationContextID, chosen.transfer_syntax->c_str(), role),
            "accept a presentation context");
    contexts_.push_back({proposed.id, proposed.abstract_syntax, *chosen.transfer_syntax, scp});
  }
  answer_extended_negotiation();
  require(ASC_acknowledgeAssociation(handles_->association), "accept an association");
}

void Association::answer_extended_negotiation() {
  auto* parameters = handles_->association->params;
  SOPClassExtendedNegotiationSubItemList* asked = nullptr;
  ASC_getRequestedExtNegList(parameters, &asked);
  if (asked == nullptr) return;
  auto answers = std::make_unique<SOPClassExtendedNegotiationSubItemList>();
  for (const auto* item : *asked) {
    const std::string sop_class(item->sopClassUID.c_str());
    const bool in_use =
        std::ranges::find(contexts_, sop_class, &PresentationContext::abstract_syntax) != contexts_.end();
    const std::vector<std::uint8_t> information(item->serviceClassAppInfo,
                                                item->serviceClassAppInfo + item->serviceClassAppInfoLength);
    const auto answer = in_use ? answer_extended(sop_class, information) : std::nullopt;
    if (!answer) continue;
    query_options_[sop_class] = answer->options;
    auto reply = std::make_unique<SOPClassExtendedNegotiationSubItem>();
    reply->sopClassUID = item->sopClassUID;
    reply->serviceClassAppInfoLength = static_cast<unsigned short>(answer->information.size());
    reply->serviceClassAppInfo = new unsigned char[answer->information.size()];  // DCMTK deletes it
    std::ranges::copy(answer->information, reply->serviceClassAppInfo);
    answers->push_back(reply.release());
  }
  if (!answers->empty()) ASC_setAcceptedExtNegList(parameters, answers.release());  // DCMTK deletes it
}

QueryOptions Association::query_options(std::string_view sop_class) const {
  const auto found = query_options_.find(sop_class);
  return found == query_options_.end() ? QueryOptions{} : found->second;
}

}  // namespace punctum
