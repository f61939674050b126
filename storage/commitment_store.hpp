#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dicom/types/commitment.hpp"

namespace punctum {

enum class PromiseState { waiting, answered, given_up };
std::string_view to_string(PromiseState state);

/// A request of a peer that we keep objects, and what is to be answered.
struct Promise {
  std::int64_t id = 0;
  std::string peer;  ///< AE title
  Commitment commitment;
  PromiseState state = PromiseState::waiting;
  int attempts = 0;
  std::string message;
};

enum class WishState { waiting, asked, committed, refused, given_up };
std::string_view to_string(WishState state);

/// An object that was delivered and that its receiver shall promise to keep.
struct Wish {
  CommittedObject object;
  std::string peer;
  WishState state = WishState::waiting;
  int attempts = 0;
  std::string message;
};

/// Storage Commitment in the index database, both ways; survives a restart. Any thread.
class CommitmentStore {
 public:
  virtual ~CommitmentStore() = default;

  /// Durable on return. The same transaction of the same peer again: it is answered again. Those settled a month ago
  /// are forgotten. @throws DicomError if it is in use for other objects
  virtual void add(const std::string& peer, const Commitment& commitment) = 0;
  virtual std::optional<Promise> due() const = 0;  ///< the one that has waited longest
  virtual std::optional<Promise> find(const std::string& peer, const Uid& transaction_uid) const = 0;
  virtual void answered(std::int64_t id) = 0;
  virtual void retry(std::int64_t id, const std::string& why, std::chrono::milliseconds delay) = 0;
  virtual void give_up(std::int64_t id, const std::string& why) = 0;
  virtual std::vector<Promise> promises(std::size_t limit) const = 0;  ///< newest first

  /// After each delivery of the object; keeps the number of attempts.
  virtual void wish(const CommittedObject& object, const std::string& peer) = 0;
  /// Objects to ask the peer about now: never asked, or asked without an answer in time.
  virtual std::vector<Wish> due_wishes(const std::string& peer, std::size_t limit) const = 0;
  /// Before the request goes out. If no answer comes within `patience`, they are due again.
  virtual void asked(const std::string& peer, const Commitment& commitment, std::chrono::milliseconds patience) = 0;
  /// It did not get through: those that were asked for `most_attempts` times are given up, the others wait.
  /// @return how many those were
  virtual std::size_t not_asked(const Uid& transaction_uid, const std::string& why, std::chrono::milliseconds delay,
                                int most_attempts) = 0;
  virtual void give_up_wishes(const Uid& transaction_uid, const std::string& why) = 0;
  /// What the peer reported. Objects it has not are delivered once more, `deliveries` times at most.
  /// @return whether we asked it under this transaction.
  virtual bool settle(const std::string& peer, const Commitment& report, int deliveries) = 0;
  virtual std::vector<Wish> wishes(std::size_t limit) const = 0;
};

/// @param now_utc_ms the clock of delays; empty: the system's. @throws StorageError
std::unique_ptr<CommitmentStore> open_commitment_store(const std::filesystem::path& data_dir, bool read_only = false,
                                                       std::function<std::int64_t()> now_utc_ms = {});

}  // namespace punctum
