#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "storage/archive.hpp"

namespace punctum::benchmark {

/// One series: what the index keeps of its first instance, and how many there are.
struct MadeSeries {
  InstanceRecord first;  ///< Instance Number 1
  int instances = 1;
  bool counted_uids = true;  ///< the first UID ends in ".1" and the others count on; otherwise they are random (2.25)
};

/// What a hospital would send, by a seed: patients with 1 to 8 studies, studies with 1 to 12 series, series with 1 to
/// 600 instances; mostly single radiographs, as in life, so that there are many studies. Names in Latin, Cyrillic,
/// Greek, Arabic, Chinese, Korean and Japanese (three groups). No two studies share a UID; those of two seeds do not
/// either. One thread at a time.
class Hospital {
 public:
  explicit Hospital(std::uint32_t seed) : seed_(seed), random_(seed) {}

  std::vector<MadeSeries> next_study();

 private:
  using Attributes = std::map<std::string, std::string, std::less<>>;
  int between(int least, int most);
  bool one_in(int number) { return between(1, number) == 1; }
  std::string person();
  void next_patient();
  Attributes study_attributes();
  MadeSeries series(const Attributes& study, const char* modality, const char* sop_class, int instances);
  void add_results(std::vector<MadeSeries>& all, const Attributes& study);

  std::uint32_t seed_;
  std::mt19937 random_;
  Attributes patient_;
  int patients_ = 0, studies_left_ = 0, studies_ = 0, series_ = 0;
};

}  // namespace punctum::benchmark
