#include "tests/unit/net/raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <stdexcept>

#include "dicom/net/pdu.hpp"

namespace punctum::test {
namespace {

void put(Bytes& out, std::uint64_t value, int size) {
  for (int i = size; i-- > 0;) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

Bytes item(std::uint8_t type, ByteView body) {
  Bytes out{std::byte{type}, std::byte{0}};
  put(out, body.size(), 2);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes title(std::string_view text) {
  std::string padded(text);
  padded.resize(16, ' ');
  return bytes_of_text(padded);
}

}  // namespace

Bytes bytes_of_text(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

CommandSet request_of(std::uint16_t field, std::string_view sop_class, bool with_data_set) {
  CommandSet set;
  set.set(command_element::command_field, field)
      .set(command_element::message_id, 5)
      .set(command_element::command_data_set_type, with_data_set ? 1 : 0x0101)
      .set_uid(command_element::affected_sop_class_uid, sop_class);
  return set;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const auto& part : parts) append(out, part);
  return out;
}

Bytes pdu_of(std::uint8_t type, ByteView body, std::optional<std::uint32_t> claimed_length) {
  Bytes out{std::byte{type}, std::byte{0}};
  put(out, claimed_length.value_or(static_cast<std::uint32_t>(body.size())), 4);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes associate_rq(const std::vector<RawContext>& contexts, std::string_view called, std::string_view calling,
                   std::string_view application_context) {
  Bytes body;
  put(body, 1, 2);
  put(body, 0, 2);
  append(body, title(called));
  append(body, title(calling));
  body.resize(body.size() + 32);
  append(body, item(0x10, bytes_of_text(application_context)));
  for (const auto& context : contexts) {
    Bytes inner{std::byte{context.id}, std::byte{0}, std::byte{0}, std::byte{0}};
    append(inner, item(0x30, bytes_of_text(context.abstract_syntax)));
    for (const auto& syntax : context.transfer_syntaxes) append(inner, item(0x40, bytes_of_text(syntax)));
    append(body, item(0x20, inner));
  }
  Bytes max_length;
  put(max_length, 16384, 4);
  append(body, item(0x50, joined({item(0x51, max_length), item(0x52, bytes_of_text("1.2.3.4"))})));
  return pdu_of(0x01, body);
}

Bytes p_data(std::uint8_t context_id, bool is_command, bool is_last, ByteView bytes) {
  Bytes body;
  put(body, bytes.size() + 2, 4);
  body.push_back(std::byte{context_id});
  body.push_back(static_cast<std::byte>((is_command ? 1 : 0) | (is_last ? 2 : 0)));
  body.insert(body.end(), bytes.begin(), bytes.end());
  return pdu_of(0x04, body);
}

RawPeer::RawPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot connect to the server under test");
  }
  const timeval patience{10, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

void RawPeer::send(ByteView bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the server has had enough
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void RawPeer::finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

bool RawPeer::wait_for_close() {
  Bytes chunk(4096);
  ssize_t count = 0;
  do {
    count = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
  } while (count > 0 || (count < 0 && errno == EINTR));
  return count == 0 || errno == ECONNRESET;
}

std::optional<Bytes> RawPeer::receive_pdu() {
  Bytes pdu;
  std::size_t want = pdu::header_size;
  while (pdu.size() < want) {
    Bytes chunk(want - pdu.size());
    const auto count = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) return std::nullopt;
    pdu.insert(pdu.end(), chunk.begin(), chunk.begin() + count);
    if (pdu.size() == pdu::header_size) want += pdu::parse_header(pdu).length;
  }
  return pdu;
}

bool RawPeer::associate() {
  send(associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}},
                     {3, "1.2.840.10008.5.1.4.1.1.2", {"1.2.840.10008.1.2.1"}},
                     {5, "1.2.840.10008.5.1.4.1.2.2.1", {"1.2.840.10008.1.2.1"}}}));
  const auto answer = receive_pdu();
  return answer && (*answer)[0] == std::byte{0x02};
}

std::optional<CommandSet> RawPeer::receive_command() {
  const auto pdu = receive_pdu();
  if (!pdu || (*pdu)[0] != std::byte{0x04}) return std::nullopt;
  return CommandSet::parse(ByteView(*pdu).subspan(12));
}

bool RawPeer::echo() {
  CommandSet request;
  request.set(command_element::command_field, command::c_echo_rq)
      .set(command_element::message_id, 77)
      .set(command_element::command_data_set_type, 0x0101)
      .set_uid(command_element::affected_sop_class_uid, "1.2.840.10008.1.1");
  send(p_data(1, /*is_command=*/true, /*is_last=*/true, request.encode()));
  const auto response = receive_command();
  return response && response->number(command_element::status) == 0 &&
         response->number(command_element::message_id_being_responded_to) == 77;
}

}  // namespace punctum::test
