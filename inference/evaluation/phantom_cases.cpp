#include "inference/evaluation/phantom_cases.hpp"

#include <utility>

#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

std::string name_of(std::uint64_t seed) { return "phantom-" + std::to_string(seed); }

std::vector<EvaluationCase> lesions_of(std::uint64_t seed) {
  auto phantom = phantom_case(seed);
  const auto volume = std::make_shared<const Volume>(std::move(phantom.volume));
  std::vector<EvaluationCase> cases;
  for (auto& lesion : phantom.lesions) {
    cases.push_back({name_of(seed) + "/" + std::to_string(cases.size() + 1), name_of(seed), "synthetic", "test", volume,
                     name_of(seed), std::move(lesion.mask), lesion.labels});
  }
  return cases;
}

}  // namespace

CaseSource phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed) {
  CaseSource source{
      "synthetic phantoms, seeds " + std::to_string(first_seed) + " to " + std::to_string(last_seed), {}, {}};
  for (auto seed = first_seed; seed <= last_seed; ++seed) source.series.push_back(name_of(seed));
  source.load = [first_seed](std::size_t series) { return lesions_of(first_seed + series); };
  return source;
}

}  // namespace punctum
