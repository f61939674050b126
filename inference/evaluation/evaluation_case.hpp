#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/lesion_report.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// One lesion with a known mask, wherever it comes from.
struct EvaluationCase {
  std::string id;       ///< unique among all cases, the same in every run: two runs are compared lesion by lesion
  std::string patient;  ///< lesions of one patient are drawn together in the bootstrap; a pseudonym, never a name
  std::string type;     ///< of lesion: "soft-tissue sarcoma", "synthetic"
  std::string group;    ///< tables have a row each: "test", "zero-shot"
  std::shared_ptr<const Volume> volume;
  std::string volume_key;                                       ///< equal for cases in the same volume
  LesionMask truth;                                             ///< on the grid of the volume
  std::array<int, attribute_count> labels{-1, -1, -1, -1, -1};  ///< -1: unknown
  bool tried = true;  ///< false: there only so that nobody takes its place for plain tissue
};

/// Cases in the order in which they are tried, loaded volume by volume: only one lies in memory.
struct CaseSource {
  std::string data;                 ///< for the report, one line: what this is
  std::vector<std::string> series;  ///< a name for each volume, unique
  std::function<std::vector<EvaluationCase>(std::size_t series)> load;
  std::string digest{};  ///< of what makes these names mean these lesions; empty where the names say it all
};

/// A series of each in turn, so that a run that is cut short has seen both; then what is left of the longer one.
CaseSource alternating(const CaseSource& first, const CaseSource& second);

}  // namespace punctum
