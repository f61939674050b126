#pragma once

#include <functional>
#include <vector>

#include "inference/evaluation/statistics.hpp"

namespace punctum {

/// What is counted of one patient in one run, e.g. {right, asked}. Sums of patients and runs add up number by number.
using Sums = std::vector<double>;
/// From sums over everything that was drawn to the number that is reported, e.g. right / asked.
using Statistic = std::function<double(const Sums&)>;

struct CrossedEstimate {
  Estimate value;
  double p = 1;  ///< two-sided: how often a drawn value has the other sign, twice; means something of differences
};

/// A number over several runs (seeds) on the same patients, with its percentile interval when both are drawn again:
/// 2000 draws of runs and, apart from them, of patients, fixed seed. With one run only patients are drawn, as
/// everywhere else. A few runs say little of how runs differ: three can be drawn in ten ways only.
/// @param statistic not a number where the sums do not say; such draws are left out.
/// @param runs [run][patient], all of the same size, at least one of each. @return count: patients; 0 if no draw says
/// it.
CrossedEstimate estimate_crossed(const std::vector<std::vector<Sums>>& runs, const Statistic& statistic);

}  // namespace punctum
