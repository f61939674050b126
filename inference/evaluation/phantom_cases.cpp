#include "inference/evaluation/phantom_cases.hpp"

#include <utility>

#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

/// What is drawn and what the tables call it.
struct PhantomKind {
  PhantomType drawn = PhantomType::usual;
  const char* series = "phantom";
  const char* type = "synthetic";
  const char* group = "test";
};
constexpr PhantomKind usual{};
constexpr PhantomKind stone{PhantomType::stone, "phantom-stone", "synthetic stone", "zero-shot"};
constexpr PhantomKind cyst{PhantomType::cyst, "phantom-cyst", "synthetic cyst", "zero-shot"};

std::string name_of(const PhantomKind& kind, std::uint64_t seed) {
  return std::string(kind.series) + "-" + std::to_string(seed);
}

std::vector<EvaluationCase> lesions_of(const PhantomKind& kind, std::uint64_t seed) {
  auto phantom = phantom_case(seed, kind.drawn);
  const auto name = name_of(kind, seed);
  const auto volume = std::make_shared<const Volume>(std::move(phantom.volume));
  std::vector<EvaluationCase> cases;
  for (auto& lesion : phantom.lesions) {
    cases.push_back({name + "/" + std::to_string(cases.size() + 1), name, kind.type, kind.group, volume, name,
                     std::move(lesion.mask), lesion.labels});
  }
  return cases;
}

std::string seeds_text(std::uint64_t first_seed, std::uint64_t last_seed) {
  return ", seeds " + std::to_string(first_seed) + " to " + std::to_string(last_seed);
}

const PhantomKind& held_out_kind(std::uint64_t seed) { return seed % 2 == 0 ? stone : cyst; }

}  // namespace

CaseSource phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed) {
  CaseSource source{"synthetic phantoms" + seeds_text(first_seed, last_seed), {}, {}};
  for (auto seed = first_seed; seed <= last_seed; ++seed) source.series.push_back(name_of(usual, seed));
  source.load = [first_seed](std::size_t series) { return lesions_of(usual, first_seed + series); };
  return source;
}

CaseSource zero_shot_phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed) {
  CaseSource source{"stones and cysts in synthetic phantoms" + seeds_text(first_seed, last_seed), {}, {}};
  for (auto seed = first_seed; seed <= last_seed; ++seed) {
    source.series.push_back(name_of(held_out_kind(seed), seed));
  }
  source.load = [first_seed](std::size_t series) {
    return lesions_of(held_out_kind(first_seed + series), first_seed + series);
  };
  return source;
}

}  // namespace punctum
