#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dicom/net/association.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/heavy_turn.hpp"

namespace punctum {

/// Sends stored objects by C-STORE over one established association (PS3.4 Annex B, SCU side). One thread.
class ObjectSender {
 public:
  struct Originator {  ///< of the C-MOVE that asks for it, PS3.7 9.1.1.1
    AeTitle ae_title;
    std::uint16_t message_id;
  };
  struct Waiting {
    std::chrono::seconds patience{60};                       ///< for each response
    std::function<void()> each_second = [] {};               ///< while waiting
    std::function<void(const Command&)> other_command = {};  ///< what to do if the peer sends a request meanwhile
  };

  /// @param peer_must_be_scp C-GET: only contexts in which the peer took the SCP role. @param transcode for objects
  /// that the peer does not take as they are stored.
  ObjectSender(Association& association, bool peer_must_be_scp, std::optional<Originator> originator, Waiting waiting,
               Transcoder transcode);

  /// The data set goes out as it is stored where a context allows that. @return what the peer said, or a permanent
  /// failure if the object cannot be read or no context fits. @throws NetworkError: the association is of no more use.
  SendOutcome send(const Retrievable& object);

 private:
  /// The data set as it goes out. An unpacked one is at hand whole.
  struct Outgoing {
    Bytes beginning;
    std::uint64_t skipped = 0;                     ///< bytes of the beginning that are no data set yet
    std::uint64_t size = 0;                        ///< of the whole data set
    ReadPart read;                                 ///< the rest; offsets count from the data set's first byte
    std::unique_ptr<HeavyTurn<Repacking>> turn{};  ///< a large one that is in memory as a whole
  };

  CommandSet request_for(const Retrievable& object);
  Outgoing open(const Retrievable& object, const std::string& transfer_syntax);
  CommandSet wait_for_response();
  Bytes unpacked(const Bytes& file, const std::string& transfer_syntax);

  Association& association_;
  bool peer_must_be_scp_;
  std::optional<Originator> originator_;
  Waiting waiting_;
  Transcoder transcode_;
  std::uint16_t message_id_ = 0;
};

/// Success and warnings: sent. Otherwise whether it is worth another try.
SendOutcome outcome_of(std::uint16_t status, const std::string& comment);

}  // namespace punctum
