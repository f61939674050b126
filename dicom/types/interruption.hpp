#pragma once

#include <functional>

namespace punctum {

/// How somebody who waits for a long piece of work has it looked after. Either may be empty: nothing disturbs it.
struct Interruption {
  /// Asked every millisecond or so in the midst of the work, by its thread: cheap, never waits, never throws. True: the
  /// work is to be put down, with all that it holds, and goes_on asked.
  std::function<bool()> disturbed{};
  /// Asked with nothing held: may wait and do other things. @return whether the work is still wanted.
  std::function<bool()> goes_on{};
};

}  // namespace punctum
