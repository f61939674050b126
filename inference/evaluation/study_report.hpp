#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "inference/evaluation/resampling.hpp"
#include "inference/evaluation/trial.hpp"

namespace punctum {

/// One arm of a study, trained with one seed and tried on the lesions that all arms are tried on.
struct StudyRun {
  std::string arm;  ///< "vanilla", ..., "unet", "cnn"
  std::uint64_t seed = 1;
  std::int64_t parameters = 0;
  double samples_per_second = 0;  ///< of the training
  EvaluationRun evaluation;
};

/// One number of every arm.
struct StudyMeasure {
  std::string name;     ///< "DSC 1", "Shape accuracy"
  bool of_mask = true;  ///< else of attributes
  bool more_is_better = true;
};

struct StudyArm {
  std::string arm;
  std::vector<std::uint64_t> seeds;
  std::int64_t parameters = 0;
  std::vector<double> samples_per_second;       ///< a seed each
  std::vector<CrossedEstimate> measures;        ///< in the order of StudyReport::measures; count 0: the arm has none
  std::vector<CrossedEstimate> less_reference;  ///< the arm less the reference, on the seeds that both have; likewise
};

/// All arms on the same lesions, over seeds.
struct StudyReport {
  std::string data, reference;
  std::size_t lesions = 0, patients = 0;  ///< that all runs tried
  std::vector<StudyMeasure> measures;
  std::vector<StudyArm> arms;            ///< in the order in which they came
  std::vector<double> majority, chance;  ///< an attribute each: accuracy of the commonest label, of guessing (balanced)
};

/// Masks after 1, 3 and 5 clicks and attributes after the first, by the headline protocol. Intervals from lesions'
/// patients and seeds drawn again; differences paired by lesion and seed. @param reference an arm, usually "full".
/// @throws StorageError if the runs share no lesion.
StudyReport report_on_study(const std::vector<StudyRun>& runs, const std::string& reference);

nlohmann::ordered_json as_json(const StudyReport& report);
std::string as_markdown(const StudyReport& report);

}  // namespace punctum
