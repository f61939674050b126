#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dicom/net/command_set.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/file_descriptor.hpp"

/// Byte streams as no decent client sends them.
namespace punctum::test {

struct RawContext {
  std::uint8_t id;
  std::string abstract_syntax;
  std::vector<std::string> transfer_syntaxes;
};

Bytes associate_rq(const std::vector<RawContext>& contexts, std::string_view called = "PUNCTUM",
                   std::string_view calling = "RAW", std::string_view application_context = "1.2.840.10008.3.1.1.1");
Bytes p_data(std::uint8_t context_id, bool is_command, bool is_last, ByteView bytes);
Bytes pdu_of(std::uint8_t type, ByteView body, std::optional<std::uint32_t> claimed_length = std::nullopt);
/// A request with message id 5.
CommandSet request_of(std::uint16_t field, std::string_view sop_class, bool with_data_set = true);
Bytes joined(std::initializer_list<Bytes> parts);
Bytes bytes_of_text(std::string_view text);

/// A plain socket to a server on loopback.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);
  void send(ByteView bytes);
  /// The next PDU, header included; nothing if the server closed the connection (or fell silent for ten seconds).
  std::optional<Bytes> receive_pdu();
  /// Associates with Verification as context 1 and CT as context 3. @return whether the server agreed.
  bool associate();
  /// The command of the next message, which must be a P-DATA PDU.
  std::optional<CommandSet> receive_command();
  bool echo();  ///< on context 1
  void finish_sending();
  /// Reads and drops whatever comes. @return whether the server closed the connection, within ten seconds of silence.
  bool wait_for_close();

 private:
  FileDescriptor socket_;
};

}  // namespace punctum::test
