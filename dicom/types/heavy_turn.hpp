#pragma once

#include <semaphore>

namespace punctum {

/// A turn at work that may take half a gigabyte: an object read whole, a data set inflated, two files compared. Two at
/// a time in this process, however many associations there are; whoever comes third waits. Held for one piece of such
/// work, never while another is taken: two holders that wait for a second turn would wait for ever.
class HeavyTurn {
 public:
  HeavyTurn() { turns_.acquire(); }
  HeavyTurn(const HeavyTurn&) = delete;
  HeavyTurn& operator=(const HeavyTurn&) = delete;
  ~HeavyTurn() { turns_.release(); }

 private:
  static inline std::counting_semaphore<2> turns_{2};
};

}  // namespace punctum
