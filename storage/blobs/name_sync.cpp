#include "storage/blobs/name_sync.hpp"

#include <pthread.h>

#include <utility>

namespace punctum {

NameSync::NameSync(FileFault fault) : fault_(std::move(fault)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "blob-names");
}

NameSync::~NameSync() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

std::shared_future<void> NameSync::request(const std::filesystem::path& folder) {
  std::shared_future<void> future;
  {
    const std::lock_guard lock(mutex_);
    next_.folders.insert(folder);
    future = next_.future;
  }
  asked_.notify_one();
  return future;
}

void NameSync::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    asked_.wait(lock, [&] { return ending_ || !next_.folders.empty(); });
    if (next_.folders.empty()) return;
    Turn turn = std::exchange(next_, Turn());
    lock.unlock();
    synchronise(turn);
    lock.lock();
  }
}

void NameSync::synchronise(Turn& turn) const {
  try {
    for (const auto& folder : turn.folders) {
      act_out(fault_, FileStep::sync_folder, "make durable the folder", folder);
      sync_folder(folder);
    }
    turn.done.set_value();
  } catch (...) {
    turn.done.set_exception(std::current_exception());
  }
}

}  // namespace punctum
