#include "dicom/decoding/serve.hpp"

#include <sys/time.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "dicom/decoding/stream.hpp"
#include "dicom/decoding/wire.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

struct Answer {
  wire::Outcome outcome = wire::Outcome::done;
  Bytes bytes;
};

Answer failed(wire::Outcome outcome, std::string_view text) {
  const auto view = std::as_bytes(std::span(text.substr(0, wire::longest_text)));
  return {outcome, {view.begin(), view.end()}};
}

Answer answer_to(Task task, ByteView file, const Perform& perform) {
  try {
    return {wire::Outcome::done, perform(task, file)};
  } catch (const Refusal& refusal) {
    return failed(wire::Outcome::refusal, refusal.what());
  } catch (const std::bad_alloc&) {
    return {wire::Outcome::no_memory, {}};
  } catch (const std::exception& error) {
    return failed(wire::Outcome::dicom_error, error.what());
  }
}

/// Counts the time that this process computes, not the time that passes. 0 s: no limit.
void limit_processor_time(std::uint32_t seconds) {
  const itimerval timer{{}, {static_cast<time_t>(seconds), 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

}  // namespace

void serve_tasks(int socket, std::uint64_t mapped_bytes, const Perform& perform) {
  wire::Hello hello{.mapped_bytes = mapped_bytes};
  if (!stream::write_all(socket, stream::bytes_of(hello))) return;
  wire::RequestHead request;
  while (stream::read_all(socket, stream::bytes_of(request))) {
    Bytes file(request.file_bytes);
    if (!stream::read_all(socket, file)) return;
    limit_processor_time(std::max(request.processor_seconds, 1u));
    const auto answer = answer_to(static_cast<Task>(request.task), file, perform);
    limit_processor_time(0);
    wire::AnswerHead head{static_cast<std::uint32_t>(answer.outcome), 0, answer.bytes.size()};
    if (!stream::write_all(socket, stream::bytes_of(head)) || !stream::write_all(socket, answer.bytes)) return;
    if (answer.outcome == wire::Outcome::no_memory) return;
  }
}

}  // namespace punctum
