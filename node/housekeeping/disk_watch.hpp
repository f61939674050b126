#pragma once

#include <atomic>

#include "storage/archive.hpp"

namespace punctum {

/// Knows whether there is room on the disk, and tells when that changes. look() from one thread, the rest from any.
class DiskWatch {
 public:
  explicit DiskWatch(Archive& archive) : archive_(archive), room_(archive.has_room()) {}  ///< must outlive this

  void look();
  /// Whether new associations should be accepted. The archive refuses by itself meanwhile (A700).
  bool has_room() const { return room_; }

 private:
  Archive& archive_;
  std::atomic<bool> room_;
  bool told_ = true;  ///< what was said last
};

}  // namespace punctum
