#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dicom/net/channel.hpp"
#include "dicom/net/command_set.hpp"
#include "dicom/net/extended_negotiation.hpp"
#include "dicom/net/presentation_contexts.hpp"
#include "dicom/types/ae_title.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/read_part.hpp"

class OFCondition;

namespace punctum {

/// The peer refused the association (PS3.8 9.3.4).
class AssociationRejected : public NetworkError {
 public:
  AssociationRejected(bool permanently, const std::string& text) : NetworkError(text), permanent(permanently) {}
  bool permanent;
};

/// The peer did not keep to the protocol: what came is no PDU, or none that may come here.
class ProtocolError : public NetworkError {
 public:
  using NetworkError::NetworkError;
};

/// An object of ours could not be read to its end after a part of it was sent. The association was aborted; the peer is
/// not to blame.
class HalfSent : public NetworkError {
 public:
  using NetworkError::NetworkError;
};

/// The peer asked for the orderly end. Not a failure; ends the loop that reads messages.
struct ReleaseRequested {};

/// A piece of a message, as one presentation data value carries it (PS3.8 9.3.5.1). The bytes live until the next read.
struct Fragment {
  std::uint8_t context_id = 0;
  bool is_command = false;
  bool is_last = false;
  ByteView bytes;
};

struct Command {
  std::uint8_t context_id = 0;
  CommandSet set;
};

/// What is read ahead of a data set that goes out as it is stored: a large one is never whole in memory.
inline constexpr std::uint64_t data_set_piece_bytes = std::uint64_t{4} << 20;

/// Whom to call, as whom, for what.
struct AssociationRequest {
  AeTitle calling;
  Peer peer;
  std::vector<ProposedContext> contexts;
  std::uint32_t max_pdu = 131072;
  std::chrono::seconds timeout{30};  ///< for the connection, for the answer, and for each PDU later
  std::stop_token stop{};
};

struct Rejection {
  std::uint8_t result, source, reason;
};

/// One association. DCMTK negotiates it and takes the PDUs apart; deadlines, writing and ending are done here, because
/// DCMTK's own calls for them block or loop on a hostile peer. Closed without ceremony on destruction.
/// One thread at a time.
class Association {
 public:
  /// The accepting side, after a whole A-ASSOCIATE-RQ was taken off the socket. @throws NetworkError if it is not one.
  static Association receive(FileDescriptor socket, Bytes associate_rq, std::uint32_t max_pdu, std::stop_token stop);
  /// The calling side. @throws AssociationRejected, NetworkError.
  static Association request(const AssociationRequest& wanted);
  Association(Association&&) noexcept;
  Association& operator=(Association&&) = delete;
  ~Association();

  std::string calling_title() const;
  std::string called_title() const;
  bool speaks_dicom() const;  ///< application context name, PS3.7 A.2.1
  void reject(const Rejection& rejection);
  /// Answers every proposed context by punctum::answer and establishes the association.
  void accept(bool offer_commitment);
  const std::vector<PresentationContext>& contexts() const noexcept { return contexts_; }
  const PresentationContext* context(std::uint8_t id) const noexcept;
  QueryOptions query_options(std::string_view sop_class) const;  ///< as negotiated for it

  /// How long one PDU may take to arrive or to be written.
  void set_patience(std::chrono::milliseconds patience) noexcept;
  /// Readable also if a fragment of the last PDU is left over.
  Channel::Wake wait_readable(std::chrono::milliseconds limit, int signal = -1) noexcept;
  /// @throws ReleaseRequested; NetworkError if the peer aborted, broke off, was too slow or sent no valid PDU.
  void read_pdu();
  Fragment read_fragment();
  /// A whole command set. @throws as read_fragment; ProtocolError for what is no command set.
  Command read_command();
  /// The next piece of the data set that follows a command. @throws NetworkError also if it is anything else.
  Fragment read_data_fragment(std::uint8_t context_id);
  /// Reads the data set and keeps at most `limit` bytes. Nothing if it was larger: it is read to its end and dropped.
  std::optional<Bytes> read_data_set(std::uint8_t context_id, std::size_t limit);

  /// Sets (0000,0800) by whether there is a data set. @throws NetworkError
  void send(std::uint8_t context_id, CommandSet command, std::optional<ByteView> data_set = std::nullopt);
  /// With a data set of `size` bytes, of which the beginning is at hand; the rest is read while it is sent.
  /// @throws HalfSent if the rest cannot be read; NetworkError
  void send(std::uint8_t context_id, CommandSet command, ByteView beginning, std::uint64_t size, const ReadPart& read);

  void confirm_release();                 ///< answers ReleaseRequested
  void release() noexcept;                ///< asks for the orderly end, waits a moment for the answer
  void abort(bool by_provider) noexcept;  ///< by_provider: the peer broke the protocol

 private:
  struct Handles;  // network, transport layer, association of DCMTK; in the order of their destruction
  Association(std::unique_ptr<Handles> handles);
  static std::unique_ptr<Handles> call(const AssociationRequest& wanted, const std::string& address);
  void answer_extended_negotiation();
  std::optional<Fragment> take_fragment();
  void write_fragments(std::uint8_t context_id, bool is_command, bool is_last, ByteView bytes);
  Bytes read_or_abort(const ReadPart& read, std::uint64_t offset, std::uint64_t size);
  void uncork();
  [[noreturn]] void fail(const OFCondition& condition);

  std::unique_ptr<Handles> handles_;
  std::vector<PresentationContext> contexts_;
  std::map<std::string, QueryOptions, std::less<>> query_options_;  ///< by SOP class
  std::optional<Fragment> next_;                                    ///< of the PDU that was read last
  /// What has come of a command or data set so far.
  struct Part {
    std::size_t bytes = 0;
    Channel::Clock::duration waited{};
  };
  Part part_;
  std::chrono::milliseconds patience_ = std::chrono::seconds(60);
};

}  // namespace punctum
