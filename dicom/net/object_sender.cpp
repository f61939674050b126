#include "dicom/net/object_sender.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <system_error>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/dimse_status.hpp"

namespace punctum {
namespace {

constexpr std::uint16_t medium_priority = 0x0000;
/// An object is in memory twice while it is repacked, and once while it is sent.
constexpr std::uint64_t freely_repacked_bytes = std::uint64_t{32} << 20, most_repacked_bytes = std::uint64_t{1} << 30;

SendOutcome permanent(std::uint16_t code, std::string message) {
  return {SendOutcome::Kind::permanent, code, std::move(message)};
}

}  // namespace

SendOutcome outcome_of(std::uint16_t code, const std::string& comment) {
  if (status::is_success_or_warning(code)) return {SendOutcome::Kind::sent, code, "", comment};
  const auto kind = status::is_transient(code) ? SendOutcome::Kind::transient : SendOutcome::Kind::permanent;
  return {kind, code, "the peer answers " + hexadecimal(code), comment};
}

std::string SendOutcome::text() const { return message + (message.empty() || comment.empty() ? "" : ": ") + comment; }

ObjectSender::ObjectSender(Association& association, bool peer_must_be_scp, std::optional<Originator> originator,
                           Waiting waiting, Transcoder transcode)
    : association_(association),
      peer_must_be_scp_(peer_must_be_scp),
      originator_(std::move(originator)),
      waiting_(std::move(waiting)),
      transcode_(std::move(transcode)) {}

CommandSet ObjectSender::request_for(const Retrievable& object) {
  if (++message_id_ == 0) message_id_ = 1;
  CommandSet request;
  request.set(command_element::command_field, command::c_store_rq)
      .set(command_element::message_id, message_id_)
      .set(command_element::priority, medium_priority)
      .set_uid(command_element::affected_sop_class_uid, object.name.sop_class_uid.str())
      .set_uid(command_element::affected_sop_instance_uid, object.name.sop_instance_uid.str());
  if (originator_) {
    request.set_text(command_element::move_originator_application_entity_title, originator_->ae_title.str())
        .set(command_element::move_originator_message_id, originator_->message_id);
  }
  return request;
}

CommandSet ObjectSender::wait_for_response() {
  const auto until = Channel::Clock::now() + waiting_.patience;
  for (;;) {
    if (association_.wait_readable(std::chrono::seconds(1)) != Channel::Wake::readable) {
      if (Channel::Clock::now() >= until) throw NetworkError("the peer gave no answer to a C-STORE");
      waiting_.each_second();
      continue;
    }
    auto received = association_.read_command();
    if (received.set.field() == (command::c_store_rq | command::response)) {
      if (received.set.number(command_element::message_id_being_responded_to) != message_id_) {
        throw ProtocolError("the peer answered a C-STORE that was not sent");
      }
      if (received.set.has_data_set()) (void)association_.read_data_set(received.context_id, 0);
      return std::move(received.set);
    }
    if (!waiting_.other_command) throw ProtocolError("the peer sent a command, expected the answer to a C-STORE");
    waiting_.other_command(received);
  }
}

/// On a thread of its own: a decoder may take many seconds, and whoever waits for the objects is told meanwhile.
Bytes ObjectSender::unpacked(const Bytes& file, const std::string& transfer_syntax) {
  const auto work = [&] { return transcode_(file, transfer_syntax); };
  std::future<Bytes> result;
  try {
    result = std::async(std::launch::async, work);
  } catch (const std::system_error&) {  // no thread to be had
    return work();
  }
  while (result.wait_for(std::chrono::seconds(1)) != std::future_status::ready) waiting_.each_second();
  return result.get();
}

ObjectSender::Outgoing ObjectSender::open(const Retrievable& object, const std::string& transfer_syntax) {
  if (object.dataset_offset >= object.file_size) {
    throw DicomError("cannot send object: its file ends before the data set");
  }
  const auto read = object.open();
  if (transfer_syntax == object.transfer_syntax_uid.str()) {
    const auto offset = object.dataset_offset, size = object.file_size - offset;
    return {read(offset, std::min(size, data_set_piece_bytes)), 0, size,
            [read, offset](std::uint64_t from, std::uint64_t bytes) { return read(offset + from, bytes); }};
  }
  if (object.file_size > most_repacked_bytes) {
    throw DicomError("cannot send object: it has " + std::to_string(object.file_size >> 20) + " MiB, and only up to " +
                     std::to_string(most_repacked_bytes >> 20) + " are turned into another transfer syntax");
  }
  std::unique_ptr<HeavyTurn<Repacking>> turn;
  if (object.file_size > freely_repacked_bytes) {
    turn = std::make_unique<HeavyTurn<Repacking>>([this] { waiting_.each_second(); });
  }
  auto file = unpacked(read(0, object.file_size), transfer_syntax);
  const auto offset = locate_dataset(file).dataset_offset, size = file.size() - offset;
  if (size == 0) throw DicomError("cannot send object: unpacked, it has no data set");
  return {std::move(file), offset, size, {}, std::move(turn)};
}

SendOutcome ObjectSender::send(const Retrievable& object) {
  const auto* context = context_for(association_.contexts(), object, peer_must_be_scp_);
  if (context == nullptr) {
    return permanent(status::sop_class_not_supported,
                     "peer refuses " + object.name.sop_class_uid.str() + " in " + object.transfer_syntax_uid.str());
  }
  Outgoing data_set;
  try {
    data_set = open(object, context->transfer_syntax);
  } catch (const StorageError& error) {  // unreadable now, or nothing to read it with: it may pass, or be mended
    return {SendOutcome::Kind::transient, status::processing_failure, error.what()};
  } catch (const Error& error) {
    return permanent(status::processing_failure, error.what());
  }
  association_.send(context->id, request_for(object), ByteView(data_set.beginning).subspan(data_set.skipped),
                    data_set.size, data_set.read);
  const auto response = wait_for_response();
  const auto code = response.number(command_element::status);
  if (!code) throw ProtocolError("the peer answered a C-STORE without a status");
  return outcome_of(*code, response.text(command_element::error_comment).value_or(""));
}

}  // namespace punctum
