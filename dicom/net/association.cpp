#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/cond.h>
#include <dcmtk/dcmnet/dul.h>

#include <algorithm>
#include <array>

#include "dicom/net/association_handles.hpp"
#include "dicom/net/pdu.hpp"

namespace punctum {
namespace {

constexpr std::size_t largest_command_set = 64 * 1024;
constexpr auto parting_patience = std::chrono::seconds(2);
constexpr std::size_t slowest_bytes_per_s = 1024;  // who sends more slowly over a whole message is let go

}  // namespace

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
  // First: DCMTK also calls it an abort when nothing more comes between two PDUs.
  if (handles_->channel().timed_out()) throw NetworkError("the peer stopped in the middle of a message");
  if (condition == DUL_PEERABORTEDASSOCIATION) throw NetworkError("the peer aborted the association");
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

/// A PDU has the association's patience. So has a command or data set of many PDUs, and a second more for every KiB of
/// it: otherwise a byte now and then would hold a thread for ever. Only what we wait for the peer counts.
void Association::read_pdu() {
  const auto earned = std::chrono::seconds(part_.bytes / slowest_bytes_per_s);
  const Channel::Clock::duration left = patience_ + earned - part_.waited;
  handles_->channel().set_deadline(std::min<Channel::Clock::duration>(patience_, left));
  const auto began = Channel::Clock::now();
  DUL_PDVLIST list{};
  const auto condition = DUL_ReadPDVs(&handles_->association->DULassociation, &list, DUL_BLOCK, 0);
  if (condition != DUL_PDATAPDUARRIVED) fail(condition);
  part_.waited += Channel::Clock::now() - began;
  next_ = take_fragment();
  if (!next_) throw ProtocolError("the peer sent a P-DATA PDU without a value");
}

Fragment Association::read_fragment() {
  if (!next_) read_pdu();
  const auto fragment = *next_;
  part_.bytes += fragment.bytes.size();
  if (fragment.is_last) part_ = {};
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
    if (bytes.size() + fragment.bytes.size() > largest_command_set) throw ProtocolError("the command set is too long");
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

void Association::write_fragments(std::uint8_t context_id, bool is_command, bool is_last, ByteView bytes) {
  DUL_PDV pdv{};
  pdv.fragmentLength = bytes.size();  // DCMTK cuts it to the size that the peer takes
  pdv.presentationContextID = context_id;
  pdv.pdvType = is_command ? DUL_COMMANDPDV : DUL_DATASETPDV;
  pdv.lastPDV = is_last;  // of the pieces that it is cut to, the last one says so
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
  if (data_set) return send(context_id, std::move(command), *data_set, data_set->size(), {});
  command.set(command_element::command_data_set_type, 0x0101);
  handles_->channel().cork();
  write_fragments(context_id, /*is_command=*/true, /*is_last=*/true, command.encode());
  uncork();
}

void Association::send(std::uint8_t context_id, CommandSet command, ByteView beginning, std::uint64_t size,
                       const ReadPart& read) {
  command.set(command_element::command_data_set_type, 0x0001);
  handles_->channel().cork();
  write_fragments(context_id, /*is_command=*/true, /*is_last=*/true, command.encode());
  write_fragments(context_id, /*is_command=*/false, beginning.size() == size, beginning);
  for (std::uint64_t sent = beginning.size(); sent < size;) {
    const auto piece = read_or_abort(read, sent, std::min(size - sent, data_set_piece_bytes));
    sent += piece.size();
    write_fragments(context_id, /*is_command=*/false, sent == size, piece);
  }
  uncork();
}

Bytes Association::read_or_abort(const ReadPart& read, std::uint64_t offset, std::uint64_t size) try {
  return read(offset, size);
} catch (const std::exception& error) {  // also where there is no memory for it
  abort(/*by_provider=*/false);          // or the peer would wait for the rest
  throw HalfSent(std::string("the object became unreadable while it was sent: ") + error.what());
}

void Association::uncork() {
  if (!handles_->channel().uncork()) throw NetworkError("the connection was lost while sending");
}

void Association::reject(const Rejection& rejection) {
  const T_ASC_RejectParameters parameters{
      static_cast<T_ASC_RejectParametersResult>(rejection.result),
      static_cast<T_ASC_RejectParametersSource>(rejection.source),
      static_cast<T_ASC_RejectParametersReason>(rejection.source << 8 | rejection.reason)};
  (void)ASC_rejectAssociation(handles_->association, &parameters);
  handles_->channel().close_gently(parting_patience);
}

void Association::confirm_release() {
  (void)ASC_acknowledgeRelease(handles_->association);
  handles_->channel().close_gently(parting_patience);
}

void Association::release() noexcept {
  auto& channel = handles_->channel();
  if (channel.write(pdu::release_rq.data(), pdu::release_rq.size()) > 0) {
    channel.set_deadline(parting_patience);
    std::array<std::byte, 16384> answer;
    (void)channel.read(answer.data(), answer.size());  // A-RELEASE-RP; whatever else it is, this is the end
  }
  channel.close();
}

void Association::abort(bool by_provider) noexcept {
  const auto& bytes = by_provider ? pdu::abort_by_provider : pdu::abort_by_user;
  auto& channel = handles_->channel();
  channel.set_write_patience(parting_patience);
  (void)channel.write(bytes.data(), bytes.size());
  channel.close_gently(parting_patience);
}

}  // namespace punctum
