#include "inference/evaluation/trial.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"

namespace punctum {

const std::array<Protocol, 4>& protocols() {
  static const std::array<Protocol, 4> all{
      {{"jittered", ClickPolicy::jittered, ClickDelivery::rounds,
        "first click anywhere in the lesion's core, then the deepest voxel of the largest error; a round a click"},
       {"deepest", ClickPolicy::deepest, ClickDelivery::rounds,
        "first click on the lesion's deepest voxel, then as above; a round a click"},
       {"random", ClickPolicy::random, ClickDelivery::rounds,
        "first click anywhere in the lesion, then any wrong voxel; a round a click"},
       {"together", ClickPolicy::jittered, ClickDelivery::together,
        "clicks chosen as in the first, but all given at once, without the mask of a round before"}}};
  return all;
}

const Protocol* protocol_named(std::string_view name) {
  const auto& all = protocols();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& protocol) { return protocol.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const ClickOutcome& CaseTrial::after(int clicks) const {
  if (outcomes.empty()) throw ModelError("cannot score " + id + ": it has no click");
  return outcomes[std::min(outcomes.size(), static_cast<std::size_t>(clicks)) - 1];
}

}  // namespace punctum
