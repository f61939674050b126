#pragma once

namespace punctum {

/// As many heaps as processors, two at least. By default glibc makes eight times as many for threads to choose from; a
/// thread an association then spreads what it keeps over all of them, and none is ever given back: 400 bytes an
/// association, without end. Before any thread starts.
void limit_memory_arenas() noexcept;

}  // namespace punctum
