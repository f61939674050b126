#include "dicom/net/convoy.hpp"

#include <pthread.h>

#include <algorithm>
#include <system_error>

#include "dicom/net/object_sender.hpp"

namespace punctum {
namespace {

constexpr auto connect_patience = std::chrono::seconds(10);
/// An association of its own costs as much as a few objects.
constexpr std::size_t objects_worth_an_association = 8;

}  // namespace

Convoy::Convoy(const Dialogue& dialogue, const Peer& destination, const std::vector<Retrievable>& objects,
               const SendPlan& plan, std::uint16_t move_message_id)
    : dialogue_(dialogue),
      destination_(destination),
      objects_(objects),
      plan_(plan),
      move_message_id_(move_message_id),
      on_server_stop_(dialogue.stop, [this] { abort_.request_stop(); }) {
  const std::lock_guard lock(mutex_);
  ++travelling_;
  threads_.emplace_back([this] { travel(); });
}

Convoy::~Convoy() {
  halt();
  if (!is_over()) abort_.request_stop();
  // Nobody enlists after halt(), so the vector stands still.
  for (auto& thread : threads_) thread.join();
}

std::optional<Convoy::Arrival> Convoy::next(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, at_most, [this] { return !arrivals_.empty() || travelling_ == 0; });
  if (arrivals_.empty()) return std::nullopt;
  auto arrival = std::move(arrivals_.front());
  arrivals_.pop_front();
  return arrival;
}

bool Convoy::is_over() {
  const std::lock_guard lock(mutex_);
  return travelling_ == 0 && arrivals_.empty();
}

void Convoy::halt() {
  const std::lock_guard lock(mutex_);
  halted_ = true;
}

std::string Convoy::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::optional<std::size_t> Convoy::take() {
  const std::lock_guard lock(mutex_);
  if (halted_ || next_ == plan_.objects.size()) return std::nullopt;
  return plan_.objects[next_++];
}

void Convoy::report(Arrival arrival) {
  const std::lock_guard lock(mutex_);
  arrivals_.push_back(std::move(arrival));
  news_.notify_one();
}

void Convoy::note_failure(const std::string& why) {
  const std::lock_guard lock(mutex_);
  failure_ = why;
}

void Convoy::enlist_others() {
  const std::lock_guard lock(mutex_);
  if (enlisted_ || halted_) return;
  enlisted_ = true;
  const auto worthwhile = (plan_.objects.size() + objects_worth_an_association - 1) / objects_worth_an_association;
  for (std::size_t i = 1; i < std::min(destination_.associations, worthwhile); ++i) {
    try {
      threads_.emplace_back([this] { travel(); });
    } catch (const std::system_error&) {
      return;  // no thread to be had: those that travel already bring all of it
    }
    ++travelling_;  // after it exists; it ends only with the lock that is held here
  }
}

/// @return false: an object of ours broke off, and the association with it
bool Convoy::send_over(Association& association) {
  ObjectSender sender(association, /*peer_must_be_scp=*/false,
                      ObjectSender::Originator{dialogue_.caller.calling, move_message_id_},
                      {dialogue_.options.idle_timeout, [] {}, {}}, dialogue_.services.transcode);
  const auto lost = [](const std::string& why) { return SendOutcome{SendOutcome::Kind::transient, 0, why}; };
  while (const auto object = take()) {
    try {
      report({*object, sender.send(objects_[*object])});
    } catch (const HalfSent& error) {
      report({*object, lost(error.what())});
      return false;
    } catch (const NetworkError& error) {
      report({*object, lost(error.what())});
      throw;
    } catch (const ReleaseRequested&) {
      report({*object, lost("the destination ended the association")});
      throw;
    }
  }
  return true;
}

void Convoy::send_all() {
  try {
    for (bool done = false; !done;) {
      auto association = Association::request({dialogue_.options.ae_title, destination_, plan_.contexts,
                                               dialogue_.options.max_pdu, connect_patience, abort_.get_token()});
      association.set_patience(dialogue_.options.idle_timeout);
      enlist_others();
      done = send_over(association);
      if (done) association.release();
    }
  } catch (const std::exception& error) {
    note_failure(error.what());
  } catch (const ReleaseRequested&) {
    note_failure("the destination ended the association");
  }
}

void Convoy::travel() {
  pthread_setname_np(pthread_self(), "scp-move");
  send_all();
  const std::lock_guard lock(mutex_);
  --travelling_;
  news_.notify_one();
}

}  // namespace punctum
