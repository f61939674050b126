#pragma once

#include <chrono>
#include <functional>
#include <semaphore>

#include "dicom/types/error.hpp"

namespace punctum {

/// Work on whole objects, up to some gigabytes of memory in all: so many pieces of each kind at a time in this process,
/// however many associations there are.
struct WholeHeader {  ///< an object whose header is all of it, or that is inflated: up to twice 512 MiB
  static constexpr std::ptrdiff_t at_a_time = 2;
};
struct Comparison {  ///< two files of up to 256 MiB, decoded
  static constexpr std::ptrdiff_t at_a_time = 1;
};
struct Repacking {  ///< an object of up to 1 GiB for a peer that does not take it as it is stored, until it is sent
  static constexpr std::ptrdiff_t at_a_time = 2;
};

/// A turn at such work. Held for one piece, never while another turn of the same kind is taken.
template <class Work>
class HeavyTurn {
 public:
  /// @param each_second called while it waits; may be empty, may throw. @throws OutOfResources after a minute
  explicit HeavyTurn(const std::function<void()>& each_second = {}) {
    for (int second = 0; second < 60; ++second) {
      if (turns_.try_acquire_for(std::chrono::seconds(1))) return;
      if (each_second) each_second();
    }
    throw OutOfResources("too much large work at the same time; try again later");
  }
  HeavyTurn(const HeavyTurn&) = delete;
  HeavyTurn& operator=(const HeavyTurn&) = delete;
  ~HeavyTurn() { turns_.release(); }

 private:
  static inline std::counting_semaphore<Work::at_a_time> turns_{Work::at_a_time};
};

}  // namespace punctum
