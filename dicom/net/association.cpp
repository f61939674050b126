#include "dicom/net/association.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/cond.h>
#include <dcmtk/dcmnet/dul.h>
#include <dcmtk/ofstd/ofstd.h>

#include <array>
#include <mutex>

#include "dicom/net/dcmtk_transport.hpp"
#include "dicom/net/pdu.hpp"

namespace punctum {
namespace {

constexpr std::size_t kLargestCommandSet = 64 * 1024;
constexpr auto kPartingPatience = std::chrono::seconds(2);
constexpr int kAcseTimeout_s = 30;

/// DCMTK takes an accepted socket only from one process-wide variable. The A-ASSOCIATE-RQ is in memory by then, so
/// nobody waits for the network while holding this.
std::mutex& acceptor_mutex() {
  static std::mutex mutex;
  return mutex;
}

void require(const OFCondition& condition, const std::string& doing) {
  if (condition.bad()) throw NetworkError("cannot " + doing + ": " + condition.text());
}

/// Who wrote this software (PS3.7 D.3.3.2).
void put_implementation(T_ASC_Parameters& parameters) {
  constexpr auto class_uid = "2.25.238403541736420586349271905374812605163";
  OFStandard::strlcpy(parameters.ourImplementationClassUID, class_uid, sizeof(parameters.ourImplementationClassUID));
  OFStandard::strlcpy(parameters.ourImplementationVersionName, "PUNCTUM_0_1",
                      sizeof(parameters.ourImplementationVersionName));
}

}  // namespace

struct Association::Handles {
  explicit Handles(ChannelLayer transport) : layer(std::move(transport)) {}
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (layer.channel()) layer.channel()->close();
    (void)ASC_destroyAssociation(&association);
    if (network != nullptr) (void)ASC_dropNetwork(&network);
  }
  Channel& channel() { return *layer.channel(); }

  ChannelLayer layer;
  T_ASC_Network* network = nullptr;
  T_ASC_Association* association = nullptr;
};

Association::Association(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
Association::Association(Association&&) noexcept = default;
Association::~Association() = default;

Association Association::receive(FileDescriptor socket, Bytes associate_rq, std::uint32_t max_pdu,
                                 std::stop_token stop) {
  const int descriptor = socket.get();
  auto handles = std::make_unique<Handles>(
      ChannelLayer(std::make_shared<Channel>(std::move(socket), std::move(associate_rq), std::move(stop))));
  handles->channel().set_deadline(std::chrono::seconds(kAcseTimeout_s));

  const std::lock_guard lock(acceptor_mutex());
  dcmDisableGethostbyaddr.set(OFTrue);  // no name lookups while somebody waits for us
  dcmExternalSocketHandle.set(descriptor);
  auto condition = ASC_initializeNetwork(NET_ACCEPTOR, 0, kAcseTimeout_s, &handles->network);
  if (condition.good()) condition = ASC_setTransportLayer(handles->network, &handles->layer, /*takeover=*/0);
  if (condition.good()) {
    condition = ASC_receiveAssociation(handles->network, &handles->association, static_cast<long>(max_pdu));
  }
  dcmExternalSocketHandle.set(-1);
  require(condition, "read an association request");
  return Association(std::move(handles));
}

namespace {

T_ASC_Parameters* make_parameters(const AeTitle& calling, const Peer& peer,
                                  const std::vector<ProposedContext>& contexts, std::uint32_t max_pdu,
                                  std::chrono::seconds timeout) {
  T_ASC_Parameters* parameters = nullptr;
  require(
      ASC_createAssociationParameters(&parameters, static_cast<long>(max_pdu), static_cast<Sint32>(timeout.count())),
      "prepare an association");
  const auto address = peer.host + ":" + std::to_string(peer.port);
  put_implementation(*parameters);
  (void)ASC_setAPTitles(parameters, calling.str().c_str(), peer.ae_title.str().c_str(), nullptr);
  (void)ASC_setPresentationAddresses(parameters, "localhost", address.c_str());
  (void)ASC_setProtocolFamily(parameters, peer.host.find(':') != std::string::npos ? ASC_AF_INET6 : ASC_AF_UNSPEC);
  for (const auto& context : contexts) {
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

Association Association::request(const AeTitle& calling, const Peer& peer, const std::vector<ProposedContext>& contexts,
                                 std::uint32_t max_pdu, std::chrono::seconds timeout, std::stop_token stop) {
  auto handles = std::make_unique<Handles>(ChannelLayer(std::move(stop), timeout));
  const auto doing = "associate with " + peer.str();
  {
    const std::lock_guard lock(acceptor_mutex());  // DCMTK's first initialization of a network is not thread-safe
    require(ASC_initializeNetwork(NET_REQUESTOR, 0, static_cast<int>(timeout.count()), &handles->network), doing);
  }
  require(ASC_setTransportLayer(handles->network, &handles->layer, /*takeover=*/0), doing);
  auto* parameters = make_parameters(calling, peer, contexts, max_pdu, timeout);
  const auto condition = ASC_requestAssociation(handles->network, parameters, &handles->association, nullptr, nullptr,
                                                DUL_NOBLOCK, static_cast<int>(timeout.count()));
  if (condition == DUL_ASSOCIATIONREJECTED) throw rejection_by(peer, parameters);
  if (handles->association == nullptr) ASC_destroyAssociationParameters(&parameters);
  if (condition.bad() && handles->layer.channel() && handles->channel().timed_out()) {
    throw NetworkError("cannot " + doing + ": no answer within " + std::to_string(timeout.count()) + " s");
  }
  require(condition, doing);

  Association association(std::move(handles));
  association.contexts_ = agreed_contexts(parameters);
  association.set_patience(timeout);
  return association;
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

void Association::reject(const Rejection& rejection) {
  const T_ASC_RejectParameters parameters{
      static_cast<T_ASC_RejectParametersResult>(rejection.result),
      static_cast<T_ASC_RejectParametersSource>(rejection.source),
      static_cast<T_ASC_RejectParametersReason>(rejection.source << 8 | rejection.reason)};
  (void)ASC_rejectAssociation(handles_->association, &parameters);
  handles_->channel().close_gently(kPartingPatience);
}

void Association::accept() {
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
    const auto chosen = answer(proposed);
    if (!chosen.transfer_syntax) {
      (void)ASC_refusePresentationContext(parameters, raw.presentationContextID,
                                          chosen.refusal == ContextRefusal::abstract_syntax
                                              ? ASC_P_ABSTRACTSYNTAXNOTSUPPORTED
                                              : ASC_P_TRANSFERSYNTAXESNOTSUPPORTED);
      continue;
    }
    const auto role = is_storage_class(proposed.abstract_syntax) ? raw.proposedRole : ASC_SC_ROLE_DEFAULT;
    require(ASC_acceptPresentationContext(parameters, raw.presentationContextID, chosen.transfer_syntax->c_str(), role),
            "accept a presentation context");
    contexts_.push_back({proposed.id, proposed.abstract_syntax, *chosen.transfer_syntax, scp});
  }
  require(ASC_acknowledgeAssociation(handles_->association), "accept an association");
}

const PresentationContext* Association::context(std::uint8_t id) const noexcept {
  for (const auto& context : contexts_) {
    if (context.id == id) return &context;
  }
  return nullptr;
}

Channel::Wake Association::wait_readable(std::chrono::milliseconds limit, int signal) noexcept {
  if (next_) return Channel::Wake::readable;
  return handles_->channel().wait_readable(limit, signal);
}

void Association::fail(const OFCondition& condition) {
  if (condition == DUL_PEERREQUESTEDRELEASE) throw ReleaseRequested{};
  if (condition == DUL_PEERABORTEDASSOCIATION) throw NetworkError("the peer aborted the association");
  if (handles_->channel().timed_out()) throw NetworkError("the peer stopped in the middle of a message");
  if (condition == DUL_NETWORKCLOSED || condition == DUL_NULLKEY) throw NetworkError("the connection was lost");
  throw ProtocolError(std::string("the peer broke the protocol: ") + condition.text());
}

std::optional<Fragment> Association::take_fragment() {
  DUL_PDV pdv{};
  const auto condition = DUL_NextPDV(&handles_->association->DULassociation, &pdv);
  if (condition == DUL_NOPDVS) return std::nullopt;
  if (condition.bad()) fail(condition);
  return Fragment{pdv.presentationContextID, pdv.pdvType == DUL_COMMANDPDV, pdv.lastPDV != 0,
                  ByteView(static_cast<const std::byte*>(pdv.data), pdv.fragmentLength)};
}

Fragment Association::read_fragment() {
  if (!next_) {
    handles_->channel().set_deadline(patience_);
    DUL_PDVLIST list{};
    const auto condition = DUL_ReadPDVs(&handles_->association->DULassociation, &list, DUL_BLOCK, 0);
    if (condition != DUL_PDATAPDUARRIVED) fail(condition);
    next_ = take_fragment();
    if (!next_) throw ProtocolError("the peer sent a P-DATA PDU without a value");
  }
  const auto fragment = *next_;
  next_ = take_fragment();
  return fragment;
}

Command Association::read_command() {
  Bytes bytes;
  std::optional<std::uint8_t> context_id;
  for (bool last = false; !last;) {
    const auto fragment = read_fragment();
    if (!fragment.is_command) throw ProtocolError("the peer sent a data set, expected a command");
    if (context_id.value_or(fragment.context_id) != fragment.context_id) {
      throw ProtocolError("the peer changed the presentation context within a command");
    }
    if (bytes.size() + fragment.bytes.size() > kLargestCommandSet) throw ProtocolError("the command set is too long");
    bytes.insert(bytes.end(), fragment.bytes.begin(), fragment.bytes.end());
    context_id = fragment.context_id;
    last = fragment.is_last;
  }
  if (context(*context_id) == nullptr) {
    throw ProtocolError("the peer used presentation context " + std::to_string(*context_id) +
                        ", which was not accepted");
  }
  try {
    return {*context_id, CommandSet::parse(bytes)};
  } catch (const DicomError& error) {
    throw ProtocolError(error.what());
  }
}

Fragment Association::read_data_fragment(std::uint8_t context_id) {
  const auto fragment = read_fragment();
  if (fragment.is_command) throw ProtocolError("the peer sent a command, expected the rest of a data set");
  if (fragment.context_id != context_id) {
    throw ProtocolError("the peer sent a data set in presentation context " + std::to_string(fragment.context_id) +
                        ", expected " + std::to_string(context_id));
  }
  return fragment;
}

std::optional<Bytes> Association::read_data_set(std::uint8_t context_id, std::size_t limit) {
  std::optional<Bytes> bytes(std::in_place);
  for (bool last = false; !last;) {
    const auto fragment = read_data_fragment(context_id);
    if (bytes && bytes->size() + fragment.bytes.size() > limit) bytes.reset();
    if (bytes) bytes->insert(bytes->end(), fragment.bytes.begin(), fragment.bytes.end());
    last = fragment.is_last;
  }
  return bytes;
}

void Association::write_fragments(std::uint8_t context_id, bool is_command, ByteView bytes) {
  DUL_PDV pdv{};
  pdv.fragmentLength = bytes.size();  // DCMTK cuts it to the size that the peer takes
  pdv.presentationContextID = context_id;
  pdv.pdvType = is_command ? DUL_COMMANDPDV : DUL_DATASETPDV;
  pdv.lastPDV = OFTrue;
  pdv.data = const_cast<std::byte*>(bytes.data());
  DUL_PDVLIST list{};
  list.count = 1;
  list.pdv = &pdv;
  if (const auto condition = DUL_WritePDVs(&handles_->association->DULassociation, &list); condition.bad()) {
    if (handles_->channel().timed_out()) throw NetworkError("the peer stopped reading");
    throw NetworkError("the connection was lost while sending");
  }
}

void Association::send(std::uint8_t context_id, CommandSet command, std::optional<ByteView> data_set) {
  command.set(command_element::command_data_set_type, data_set ? 0x0001 : 0x0101);
  auto& channel = handles_->channel();
  channel.cork();
  write_fragments(context_id, /*is_command=*/true, command.encode());
  if (data_set) write_fragments(context_id, /*is_command=*/false, *data_set);
  if (!channel.uncork()) throw NetworkError("the connection was lost while sending");
}

void Association::confirm_release() {
  (void)ASC_acknowledgeRelease(handles_->association);
  handles_->channel().close_gently(kPartingPatience);
}

void Association::release() noexcept {
  auto& channel = handles_->channel();
  if (channel.write(pdu::release_rq.data(), pdu::release_rq.size()) > 0) {
    channel.set_deadline(kPartingPatience);
    std::array<std::byte, 16384> answer;
    (void)channel.read(answer.data(), answer.size());  // A-RELEASE-RP; whatever else it is, this is the end
  }
  channel.close();
}

void Association::abort(bool by_provider) noexcept {
  const auto& bytes = by_provider ? pdu::abort_by_provider : pdu::abort_by_user;
  auto& channel = handles_->channel();
  channel.set_write_patience(kPartingPatience);
  (void)channel.write(bytes.data(), bytes.size());
  channel.close_gently(kPartingPatience);
}

}  // namespace punctum
