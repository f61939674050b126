#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "dicom/findings/point_prompt.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// How far the images of a click are.
struct Readiness {
  std::size_t wanted = 0;                 ///< images that clicks were drawn on
  std::size_t missing = 0;                ///< of these, not stored yet
  std::chrono::milliseconds quiet_in{0};  ///< until the series has been quiet long enough; 0: it is
  bool ready() const { return missing == 0 && quiet_in.count() == 0; }
};

/// @param settle how long no image of the series may have arrived. Any thread.
Readiness look_at_images(const Archive& archive, const PointPrompt& prompt, std::chrono::milliseconds settle,
                         std::int64_t now_utc_ms);

}  // namespace punctum
