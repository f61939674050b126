#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>

#include "dicom/types/bytes.hpp"
#include "dicom/types/file_descriptor.hpp"

namespace punctum {

/// One TCP connection with a deadline. DCMTK reads whole PDUs with blocking calls and looks at no clock meanwhile; the
/// clock is here. One thread at a time, except that the stop token may be triggered by any: the peer then gets an
/// A-ABORT, and every call fails from that moment on.
class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param already_read bytes that were taken off the socket before; read() gives them out first.
  Channel(FileDescriptor socket, Bytes already_read, std::stop_token stop);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// For reads, until set again. Every write() has its own: what patience says, from its beginning.
  void set_deadline(Clock::duration from_now) noexcept { deadline_ = Clock::now() + from_now; }
  void set_write_patience(Clock::duration patience) noexcept { write_patience_ = patience; }
  bool timed_out() const noexcept { return timed_out_; }
  int descriptor() const noexcept { return socket_.get(); }

  /// What is there, at least one byte. @return 0 at the end of the stream, -1 on failure or at the deadline.
  ssize_t read(void* into, std::size_t size) noexcept;
  /// All of it. @return size, or -1 on failure or at the deadline.
  ssize_t write(const void* from, std::size_t size) noexcept;

  enum class Wake { readable, timeout, signal };
  /// @param signal a descriptor that ends the wait when it becomes readable; -1: none.
  Wake wait_readable(std::chrono::milliseconds limit, int signal = -1) noexcept;

  /// While corked, small writes are kept and leave together with the next large one, or at uncork(): DCMTK writes the
  /// head of each P-DATA PDU apart from its body, and a message is at least two PDUs.
  void cork() noexcept { corked_ = true; }
  bool uncork() noexcept;

  /// Tells the peer that no more will come, reads and drops what still arrives until it closes too or `patience` is
  /// over, closes. Closing at once would reset the connection and could destroy what the peer has not read yet.
  void close_gently(std::chrono::milliseconds patience) noexcept;
  void close() noexcept;

 private:
  struct Abort {
    int socket;
    void operator()() const noexcept;
  };
  bool wait_for(short events, Clock::time_point deadline) noexcept;

  FileDescriptor socket_;
  Bytes already_read_;
  std::size_t given_out_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::duration write_patience_ = std::chrono::seconds(60);
  bool timed_out_ = false;
  bool corked_ = false;
  Bytes held_;
  std::optional<std::stop_callback<Abort>> on_stop_;
};

}  // namespace punctum
