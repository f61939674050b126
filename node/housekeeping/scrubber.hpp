#pragma once

#include <functional>

#include "storage/follower_store.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// Re-reads stored files in the order of their arrival and compares them with their digests, again and again. Where it
/// stands survives a restart. One thread.
class Scrubber {
 public:
  /// Told of every piece that was read; sleeps to keep the pace. @return false to break off
  using Pace = std::function<bool(std::size_t)>;

  Scrubber(Upkeep& upkeep, FollowerStore& followers) : upkeep_(upkeep), followers_(followers) {}

  struct Pass {
    std::size_t files = 0, damaged = 0;
    bool finished = false;  ///< all files were read; the next call begins anew
  };
  Pass work(std::size_t most_files, const Pace& pace);

 private:
  bool examine(const StoredFile& file, const Pace& pace, Pass& pass);
  std::int64_t position() const;
  void remember(std::int64_t position);

  Upkeep& upkeep_;
  FollowerStore& followers_;
};

}  // namespace punctum
