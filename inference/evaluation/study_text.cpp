#include <algorithm>
#include <format>

#include "inference/evaluation/click_scores.hpp"
#include "inference/evaluation/study_report.hpp"

namespace punctum {
namespace {

using Cells = std::vector<std::string>;

std::string row(const Cells& cells) {
  std::string text = "|";
  for (const auto& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string head(const Cells& cells) {
  std::string text = row(cells) + "|---|";
  for (std::size_t i = 1; i < cells.size(); ++i) text += "---:|";
  return text + "\n";
}

std::string interval(const CrossedEstimate& e, int digits, bool signs = false) {
  if (e.value.count == 0) return "–";
  const auto number = [&](double v) {
    return signs ? std::format("{:+.{}f}", v, digits) : std::format("{:.{}f}", v, digits);
  };
  return number(e.value.mean) + " [" + number(e.value.low) + ", " + number(e.value.high) + "]";
}

int digits_of(const std::string& measure) { return measure.starts_with("HD95") ? 1 : 3; }

/// The measures whose names end with one of these, in their order.
std::vector<std::size_t> chosen(const StudyReport& report, const std::vector<std::string>& names) {
  std::vector<std::size_t> found;
  for (const auto& name : names) {
    for (std::size_t i = 0; i < report.measures.size(); ++i) {
      if (report.measures[i].name == name) found.push_back(i);
    }
  }
  return found;
}

std::string pace(const std::vector<double>& paces) {
  const auto [low, high] = std::minmax_element(paces.begin(), paces.end());
  return paces.size() == 1 ? std::format("{:.2f}", *low) : std::format("{:.2f} to {:.2f}", *low, *high);
}

std::string mask_table(const StudyReport& report) {
  const auto measures = chosen(report, {"DSC 1", "DSC 3", "DSC 5", "HD95 1", "HD95 5"});
  std::string text =
      head({"arm", "seeds", "parameters", "samples/s", "DSC 1", "DSC 3", "DSC 5", "HD95 1, mm", "HD95 5, mm"});
  for (const auto& arm : report.arms) {
    Cells cells{arm.arm, std::to_string(arm.seeds.size()),
                std::format("{:.2f} M", static_cast<double>(arm.parameters) / 1e6), pace(arm.samples_per_second)};
    for (const auto i : measures) cells.push_back(interval(arm.measures[i], digits_of(report.measures[i].name)));
    text += row(cells);
  }
  return text + "\n";
}

/// @param floor an attribute each: what needs no network.
std::string attribute_table(const StudyReport& report, const std::string& what, const std::string& floor_name,
                            const std::vector<double>& floor) {
  std::vector<std::string> names;
  Cells heading{what};
  for (const auto& words : attribute_vocabulary()) {
    names.push_back(std::string(words.name) + " " + what);
    heading.emplace_back(words.name);
  }
  names.push_back("mean " + what);
  heading.emplace_back("mean");
  Cells floors{"*" + floor_name + "*"};
  double sum = 0, known = 0;
  for (const double value : floor) {
    floors.push_back(value > 0 ? std::format("{:.3f}", value) : "–");
    sum += value, known += value > 0;
  }
  floors.push_back(known > 0 ? std::format("{:.3f}", sum / known) : "–");
  std::string text = head(heading) + row(floors);
  for (const auto& arm : report.arms) {
    Cells cells{arm.arm};
    for (const auto i : chosen(report, names)) cells.push_back(interval(arm.measures[i], 3));
    text += row(cells);
  }
  return text + "\n";
}

std::string difference_table(const StudyReport& report) {
  const std::vector<std::string> names{"DSC 1", "DSC 3", "DSC 5", "HD95 1", "mean accuracy", "mean balanced accuracy"};
  Cells heading{"less " + report.reference};
  heading.insert(heading.end(), names.begin(), names.end());
  std::string text = head(heading);
  for (const auto& arm : report.arms) {
    if (arm.arm == report.reference) continue;
    Cells cells{arm.arm};
    for (const auto i : chosen(report, names)) {
      const auto& difference = arm.less_reference[i];
      cells.push_back(interval(difference, digits_of(report.measures[i].name), /*signs=*/true));
      if (difference.value.count > 0) cells.back() += std::format(", p {:.3f}", difference.p);
    }
    text += row(cells);
  }
  return text + "\n";
}

}  // namespace

std::string as_markdown(const StudyReport& report) {
  std::string text = std::format("### On {}\n\n{} lesions of {} patients or series, the same for all arms.\n\n",
                                 report.data, report.lesions, report.patients);
  text += mask_table(report);
  text += attribute_table(report, "accuracy", "commonest label", report.majority);
  text += attribute_table(report, "balanced accuracy", "guessing", report.chance);
  text += difference_table(report);
  return text +
         std::format(
             "DSC and HD95 (mean; an empty answer counts as {:.1f} mm) after 1, 3, 5 clicks, attributes after the "
             "first, by the protocol \"{}\". Intervals of 95 %: {} draws of patients and, where there are several, "
             "of seeds; differences are paired by lesion and seed, p two-sided and not corrected for their number. "
             "A few seeds say little of how trainings differ.\n",
             empty_penalty_mm, protocols().front().name, bootstrap_draws);
}

}  // namespace punctum
