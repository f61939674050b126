#include "node/jobs/readiness.hpp"

#include <algorithm>

#include "node/pipeline/prompt_source.hpp"

namespace punctum {

Readiness look_at_images(const Archive& archive, const PointPrompt& prompt, std::chrono::milliseconds settle,
                         std::int64_t now_utc_ms) {
  Readiness out;
  for (const auto& uid : clicked_images(prompt.clicks)) {
    ++out.wanted;
    if (!archive.instance(uid)) ++out.missing;
  }
  const auto quiet_since = archive.last_arrival_utc_ms(prompt.series_instance_uid);
  const auto quiet_at = quiet_since + settle.count();
  if (quiet_since > 0) out.quiet_in = std::chrono::milliseconds(std::max<std::int64_t>(quiet_at - now_utc_ms, 0));
  return out;
}

}  // namespace punctum
