#include "inference/evaluation/evaluation_case.hpp"

#include <algorithm>

namespace punctum {

CaseSource alternating(const CaseSource& first, const CaseSource& second) {
  struct Place {
    bool in_second = false;
    std::size_t series = 0;
  };
  std::vector<Place> places;
  CaseSource both{first.data + "; " + second.data, {}, {}};
  for (std::size_t i = 0; i < std::max(first.series.size(), second.series.size()); ++i) {
    if (i < first.series.size()) places.push_back({false, i});
    if (i < second.series.size()) places.push_back({true, i});
  }
  for (const auto& place : places) both.series.push_back((place.in_second ? second : first).series[place.series]);
  both.load = [places, a = first.load, b = second.load](std::size_t i) {
    return places[i].in_second ? b(places[i].series) : a(places[i].series);
  };
  both.digest = first.digest + second.digest;
  return both;
}

}  // namespace punctum
