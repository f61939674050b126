#include "storage/blobs/name_pool.hpp"

#include <unistd.h>

#include "dicom/types/error.hpp"

namespace punctum {

namespace {

constexpr std::size_t names_in_a_batch = 64, few_names = 16;
constexpr std::size_t files_per_turn = 512;  // then the next random fan-out folder, of 4096

}  // namespace

NamePool::~NamePool() {
  for (const auto& name : ready_) ::unlink((blobs_ / name).c_str());
}

std::string NamePool::fan_for(const std::string& name) {
  if (fan_use_ % files_per_turn == 0) {
    fan_ = name.substr(0, 3);
    make_durable_folder(blobs_ / fan_);
  }
  ++fan_use_;
  return fan_;
}

// Only one thread at a time is here.
std::vector<std::string> NamePool::prepare() {
  std::vector<std::string> names;
  try {
    for (std::size_t i = 0; i < names_in_a_batch; ++i) {
      const std::string name = random_name();
      const std::string blob = fan_for(name) + "/" + name;
      act_out(fault_, FileStep::create, "create", blobs_ / blob);
      create_file(blobs_ / blob);
      names.push_back(blob);
      if (fan_use_ % files_per_turn == 0) break;  // one folder a batch
    }
    act_out(fault_, FileStep::sync_folder, "make durable the folder", blobs_ / fan_);
    sync_folder(blobs_ / fan_);
  } catch (...) {
    for (const auto& name : names) ::unlink((blobs_ / name).c_str());
    throw;
  }
  return names;
}

std::string NamePool::take() {
  std::unique_lock lock(mutex_);
  while (ready_.empty() || (ready_.size() <= few_names && !preparing_)) {
    if (preparing_) {
      filled_.wait(lock);
      continue;
    }
    preparing_ = true;
    lock.unlock();
    std::vector<std::string> more;
    std::exception_ptr failure;
    try {
      more = prepare();
    } catch (...) {  // others wait for this one
      failure = std::current_exception();
    }
    lock.lock();
    preparing_ = false;
    ready_.insert(ready_.end(), more.begin(), more.end());
    filled_.notify_all();
    if (failure && ready_.empty()) std::rethrow_exception(failure);
    if (failure) break;
  }
  std::string name = std::move(ready_.back());
  ready_.pop_back();
  return name;
}

}  // namespace punctum
