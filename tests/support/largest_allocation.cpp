#include "tests/support/largest_allocation.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> largest{0};

void* noted(std::size_t size) noexcept {
  auto seen = largest.load(std::memory_order_relaxed);
  while (size > seen && !largest.compare_exchange_weak(seen, size, std::memory_order_relaxed)) continue;
  return std::malloc(size == 0 ? 1 : size);
}

void* noted_or_thrown(std::size_t size) {
  if (void* memory = noted(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// DCMTK asks with nothrow and deletes with nothrow; the standard's nothrow deletes call these.
void* operator new(std::size_t size) { return noted_or_thrown(size); }
void* operator new[](std::size_t size) { return noted_or_thrown(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return noted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return noted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace punctum::test {

LargestAllocation::LargestAllocation() { largest = 0; }
std::size_t LargestAllocation::bytes() const { return largest; }

}  // namespace punctum::test
