#pragma once

#include <poll.h>

#include <chrono>
#include <list>
#include <string>
#include <vector>

#include "dicom/types/bytes.hpp"
#include "dicom/types/file_descriptor.hpp"

namespace punctum {

/// Somebody who connected and has not said yet who they are.
struct Guest {
  FileDescriptor socket;
  std::string address;
  Bytes associate_rq;  ///< as much as has come
};

/// Connections before and beside associations: those whose A-ASSOCIATE-RQ is not complete yet (so that silent or slow
/// callers take no worker; the ARTIM timer of PS3.8 9.1.5), and those that were turned away and may still have to read
/// that. Never blocks. One thread.
class Lobby {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Lobby(std::chrono::milliseconds artim) : artim_(artim) {}

  /// If the lobby is full, whoever has waited longest must go.
  void admit(Guest guest);
  /// Says "local limit exceeded" and keeps the connection until the caller closed it, or for a moment.
  void turn_away(Guest guest);

  void add_to(std::vector<pollfd>& entries) const;
  std::chrono::milliseconds until_next_deadline() const;
  /// Reads what came, drops who is late or speaks something else. @return those whose request is complete.
  std::vector<Guest> collect();

 private:
  struct Waiting {
    Guest guest;
    Clock::time_point deadline;
    bool leaving = false;
  };
  enum class Progress { more, complete, gone };
  static Progress read_from(Waiting& waiting);

  std::chrono::milliseconds artim_;
  std::list<Waiting> waiting_;
};

}  // namespace punctum
