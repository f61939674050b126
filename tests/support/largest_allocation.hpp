#pragma once

#include <cstddef>

namespace punctum::test {

/// The largest piece of memory that anybody asked operator new for since this was made. Executables that use it compile
/// largest_allocation.cpp, which replaces the operators. One at a time.
class LargestAllocation {
 public:
  LargestAllocation();
  std::size_t bytes() const;
};

}  // namespace punctum::test
