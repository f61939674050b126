#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dicom/net/dialogue.hpp"
#include "dicom/net/store_scu.hpp"

namespace punctum {

/// Sends the objects of one plan to the destination of a C-MOVE over as many associations as that peer likes, each on
/// a thread of its own. The first must stand before others are tried; one that fails leaves the rest to the others.
/// For the thread of the C-MOVE; its threads touch nothing but their own association and what is under the mutex.
class Convoy {
 public:
  struct Arrival {
    std::size_t object;  ///< its index
    SendOutcome outcome;
  };

  /// Everything given outlives it.
  Convoy(const Dialogue& dialogue, const Peer& destination, const std::vector<Retrievable>& objects,
         const SendPlan& plan, std::uint16_t move_message_id);
  ~Convoy();  ///< what is under way is aborted

  /// The next outcome, waited for at most that long. Nothing if none came.
  std::optional<Arrival> next(std::chrono::milliseconds at_most);
  bool is_over();         ///< all associations have ended and every outcome was taken
  void halt();            ///< finish what is under way, begin nothing more
  std::string failure();  ///< of the association that failed last

 private:
  void travel();
  bool send_over(Association& association);
  void send_all();
  std::optional<std::size_t> take();
  void report(Arrival arrival);
  void note_failure(const std::string& why);
  void enlist_others();

  const Dialogue& dialogue_;
  const Peer& destination_;
  const std::vector<Retrievable>& objects_;
  const SendPlan& plan_;
  std::uint16_t move_message_id_;

  std::stop_source abort_;
  std::stop_callback<std::function<void()>> on_server_stop_;
  std::mutex mutex_;  // of all below
  std::condition_variable news_;
  std::size_t next_ = 0, travelling_ = 0;
  bool halted_ = false;
  bool enlisted_ = false;
  std::deque<Arrival> arrivals_;
  std::string failure_;
  std::vector<std::thread> threads_;
};

}  // namespace punctum
