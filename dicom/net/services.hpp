#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/ae_title.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/commitment.hpp"
#include "dicom/types/interruption.hpp"
#include "dicom/types/part10_file.hpp"
#include "dicom/types/read_part.hpp"
#include "dicom/types/sop_instance.hpp"

/// What the protocol asks of the node. dicom/net knows messages, not storage: the node gives it these functions at
/// construction. All of them are called from association threads, many at a time; they may throw punctum::Error, and
/// dimse_status.hpp alone turns that into what the peer sees.
namespace punctum {

struct Caller {
  AeTitle calling;
  AeTitle called;
  std::string address;
  std::int64_t association_id = 0;
};

struct StoreRequest {
  Caller caller;
  Uid sop_class_uid, sop_instance_uid;  ///< as the command says; the data set must agree
  Uid transfer_syntax_uid;
};

/// Takes the data set of one C-STORE as it comes off the wire. Destroyed without finish(): abandoned.
class StoreSink {
 public:
  virtual ~StoreSink() = default;
  virtual void write(ByteView bytes) = 0;
  /// Returns when the object is durable: success, 0000. Throws otherwise.
  virtual void finish() = 0;
};

/// A key or value of a C-FIND identifier. Text is UTF-8 whatever the wire's character set was.
struct IdentifierElement;
using Identifier = std::vector<IdentifierElement>;
struct IdentifierElement {
  std::uint16_t group = 0, element = 0;
  std::string vr;                   ///< two letters
  std::string value;                ///< several values separated by a backslash
  std::vector<Identifier> items{};  ///< of a sequence (SQ)
};

enum class InformationModel { patient_root, study_root };

struct QueryRequest {
  Caller caller;
  InformationModel model = InformationModel::study_root;
  std::string level;                ///< Query/Retrieve Level (0008,0052): PATIENT, STUDY, SERIES, IMAGE
  Identifier keys;                  ///< without the level
  bool relational = false;          ///< negotiated: unique keys of the levels above may be missing
  bool combined_date_time = false;  ///< negotiated: date and time ranges are one range of moments
  bool empty_value = false;         ///< negotiated: "" asks for what has no value (PS3.4 C.2.2.2.7)
};

/// An object that can be sent: its name and where its bytes come from.
struct Retrievable {
  SopInstance name;
  Uid transfer_syntax_uid;
  std::uint64_t dataset_offset = 0;  ///< the data set begins here in the Part 10 file
  std::uint64_t file_size = 0;
  std::function<ReadPart()> open;  ///< the file. Throws StorageError
};
/// One that is in memory already. @throws DicomError if it is no Part 10 file
Retrievable retrievable(Part10File file);

/// What happened to an association, for the log.
struct AssociationEvent {
  enum class Kind {
    accepted,
    rejected,     ///< permanently: not a known caller, not DICOM, ...
    turned_away,  ///< transiently: all association threads are in use
    released,
    aborted  ///< by either side, or the line was lost
  } kind = Kind::accepted;
  std::string calling, called;  ///< as the peer wrote them; empty when turned away
  std::string address;
  std::int64_t association_id = 0;
  std::string reason;
  std::int64_t requests = 0;  ///< that were answered
  double seconds = 0;
};

struct Services {
  std::function<std::unique_ptr<StoreSink>(const StoreRequest&)> begin_store;
  /// Emits one identifier per match until emit returns false (cancelled); asks `interruption` in between.
  std::function<void(const QueryRequest&, const std::function<bool(const Identifier&)>& emit,
                     const Interruption& interruption)>
      find;
  std::function<std::vector<Retrievable>(const QueryRequest&)> select;
  std::function<std::optional<Peer>(const AeTitle&)> peer;  ///< C-MOVE destinations
  /// Storage Commitment asked of us: durable on return. Absent: the service is not offered.
  std::function<void(const Caller&, const Commitment&)> request_commitment;
  /// What a caller asked for that cannot be called back, unchecked; nothing if it will be called.
  std::function<std::optional<Commitment>(const Caller&, const Uid& transaction_uid)> report_here;
  /// Reads an object of it back. @return a failure reason, commitment_failure::none if it is kept
  std::function<std::uint16_t(const CommittedObject&)> reason_not_kept;
  std::function<void(const Caller&, const Uid& transaction_uid, bool taken)> reported_here;
  /// What a peer reports that we asked. @return whether we did.
  std::function<bool(const Caller&, const Commitment&)> take_report;
  /// Optional: why no new association is let in now (no room on the disk), or nothing. They get a transient rejection.
  std::function<std::optional<std::string>()> closed_because;
  std::function<void(const AssociationEvent&)> observe;  ///< optional; must not throw
  Transcoder transcode = transcoded;  ///< C-GET, C-MOVE: for objects that a peer does not take as they are stored
};

}  // namespace punctum
