#include <algorithm>
#include <cmath>
#include <map>

#include "dicom/types/digest.hpp"
#include "inference/datasets/layouts.hpp"

namespace punctum {

void split_patients(std::vector<ManifestEntry>& entries, const std::string& dataset,
                    const std::set<std::string>& zero_shot_types) {
  std::set<std::string> held_out;
  for (const auto& entry : entries) {
    if (zero_shot_types.contains(entry.type)) held_out.insert(entry.patient);
  }
  std::map<Digest, std::string> order;  // a patient's place does not depend on names near it
  for (const auto& entry : entries) {
    if (!held_out.contains(entry.patient)) order.emplace(sha256(dataset + "\n" + entry.patient), entry.patient);
  }
  const auto count = static_cast<double>(order.size());
  const auto trained = static_cast<std::size_t>(std::lround(0.6 * count));
  const auto validated = static_cast<std::size_t>(std::lround(0.8 * count));
  std::map<std::string, Split> split;
  std::size_t dealt = 0;
  for (const auto& [digest, patient] : order) {
    split[patient] = dealt < trained ? Split::train : dealt < validated ? Split::validation : Split::test;
    ++dealt;
  }
  for (auto& entry : entries) {
    if (!held_out.contains(entry.patient)) {
      entry.split = split.at(entry.patient);
    } else {
      entry.split = zero_shot_types.contains(entry.type) ? Split::zero_shot : Split::test;
    }
  }
}

}  // namespace punctum
