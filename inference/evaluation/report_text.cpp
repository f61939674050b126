#include <format>

#include "inference/evaluation/report.hpp"

namespace punctum {
namespace {

/// "0.812 [0.790, 0.835]"
std::string interval(const Estimate& e, int digits = 3) {
  if (e.count == 0) return "–";
  if (e.low == e.high) return std::format("{:.{}f}", e.mean, digits);  // of one patient nothing can be drawn again
  return std::format("{:.{}f} [{:.{}f}, {:.{}f}]", e.mean, digits, e.low, digits, e.high, digits);
}

/// "0.063 (0.071, up to 0.094)": in brackets what a model that is calibrated to perfection would show.
std::string beside_perfect(const CalibrationError& e) {
  if (e.count == 0) return "–";
  return std::format("{:.3f} ({:.3f}, up to {:.3f})", e.value, e.if_perfect, e.if_perfect_high);
}

std::string_view name_of(const AttributeScore& score) {
  return attribute_vocabulary()[static_cast<std::size_t>(score.attribute)].name;
}

/// A Markdown row.
template <typename... Cells>
std::string row(const Cells&... cells) {
  std::string text = "|";
  ((text += std::format(" {} |", cells)), ...);
  return text + "\n";
}

std::string rule(int columns) {
  std::string text = "|";
  for (int i = 0; i < columns; ++i) text += i == 0 ? "---|" : "---:|";
  return text + "\n";
}

const ClickScore* after(const ProtocolScore& score, int clicks) {
  for (const auto& one : score.after) {
    if (one.clicks == clicks) return &one;
  }
  return nullptr;
}

std::string dice_cell(const ProtocolScore& score, int clicks) {
  const auto* one = after(score, clicks);
  return one == nullptr ? "–" : interval(one->dice);
}

std::string table_2_row(const std::string& name, const ProtocolScore& score) {
  if (score.after.empty()) return row(name, score.lesions, "–", "–", "–", "–", "–", "–", "–");
  const auto& first = score.after.front();
  return row(name, score.lesions, dice_cell(score, 1), dice_cell(score, 3), dice_cell(score, 5), dice_cell(score, 10),
             std::format("{:.1f}", first.median_hd95_mm), interval(first.hd95_penalised_mm, 1), first.empty);
}

std::string table_2(const EvaluationReport& report) {
  std::string text =
      "## Segmentation (the paper's Table 2)\n\nDSC on the grid of the series after 1, 3, 5, 10 clicks; "
      "HD95 in mm after the first: median of results that are not empty, and mean with an empty one "
      "counted as " +
      std::format("{:.1f} mm.\n\n", empty_penalty_mm);
  text += row("lesions of", "n", "DSC 1", "DSC 3", "DSC 5", "DSC 10", "HD95 median", "HD95 mean", "empty") + rule(9);
  text += table_2_row("all", report.protocols.front().score);
  for (const auto& part : report.parts) {
    if (part.by == "group") text += table_2_row(part.value, part.score);
  }
  return text + "\n";
}

std::string table_3_row(const std::string& name, const AttributeScores& scores) {
  std::string text = "| " + name + " |";
  for (const auto& one : scores.each) {
    text += one.known == 0 ? std::string(" – |") : std::format(" {} ({:.2f}) |", interval(one.accuracy), one.majority);
  }
  return text + std::format(" {:.3f} ({:.2f}) | {} |\n", scores.mean_accuracy, scores.mean_majority,
                            interval(scores.all_five));
}

std::string table_3(const EvaluationReport& report) {
  std::string text =
      "## Attributes (the paper's Table 3)\n\nAccuracy after the first click with Wilson's 95 % interval "
      "and, in brackets, the accuracy of always naming the commonest label.\n\n| lesions of |";
  for (const auto& one : report.attributes.front().each) text += std::format(" {} |", name_of(one));
  text += " mean | all five |\n" + rule(8) + table_3_row("all", report.attributes.front());
  for (const auto& part : report.parts) {
    if (part.by == "group" && !part.attributes.each.empty()) text += table_3_row(part.value, part.attributes);
  }
  if (!report.attributes_given_truth.each.empty())
    text += table_3_row("all, given the true mask", report.attributes_given_truth);
  return text + "\n";
}

std::string clicks_table(const EvaluationReport& report) {
  std::string text = "## Click by click\n\n";
  for (const auto& protocol : report.protocols) text += std::format("- **{}**: {}\n", protocol.name, protocol.meaning);
  text += "\n" +
          row("protocol", "clicks", "DSC", "DSC on the crop", "median DSC", "NSD 1.5 mm", "median HD95 mm", "empty",
              "IoU error", "IoU rank", "voxel ECE") +
          rule(11);
  for (const auto& protocol : report.protocols) {
    for (const auto& one : protocol.score.after) {
      text += row(protocol.name, one.clicks, interval(one.dice), interval(one.crop_dice),
                  std::format("{:.3f}", one.median_dice), interval(one.nsd), std::format("{:.1f}", one.median_hd95_mm),
                  one.empty, interval(one.iou_error), one.iou_rank ? std::format("{:.2f}", *one.iou_rank) : "–",
                  one.voxels.count() > 0 ? std::format("{:.3f}", one.voxels.ece()) : "–");
    }
  }
  return text + std::format(
                    "\nDSC on the crop: on the grid of the finest crop that the network was asked about, where what "
                    "lies outside of it does not count. Voxel ECE: how far the stated probability of lesion is from "
                    "its share, over all voxels of the finest crop within {} of the true border.\n\n",
                    reliability_band_voxels);
}

std::string behaviour_table(const EvaluationReport& report) {
  std::string text =
      "AUC: area under DSC over clicks 1 to 5, divided by its width. NoC@q: mean clicks until DSC reaches "
      "q, a lesion that never does counting as the cap; in brackets the share of these.\n\n";
  text += row("protocol", "AUC 1-5", "NoC@80", "NoC@85", "NoC@90", "clicks that lower DSC", "clicks obeyed", "refused",
              "first / further click, ms") +
          rule(9);
  for (const auto& protocol : report.protocols) {
    const auto& s = protocol.score;
    const auto reach = [&](std::size_t i) {
      const double failed = static_cast<double>(s.reach[i].failures) / static_cast<double>(s.lesions);
      return std::format("{} ({:.0f} %)", interval(s.reach[i].clicks, 1), 100 * failed);
    };
    text += row(protocol.name, interval(s.area_1_to_5), reach(0), reach(1), reach(2), interval(s.lowered),
                interval(s.obeyed), s.refused, std::format("{:.0f} / {:.0f}", s.first_click_ms, s.further_click_ms));
  }
  return text + "\n";
}

std::string parts_table(const EvaluationReport& report) {
  std::string text = "## Part by part (" + report.protocols.front().name + ")\n\n";
  text += row("by", "value", "n", "DSC 1", "DSC 3", "DSC 5", "NSD 1", "median HD95 mm", "empty") + rule(9);
  for (const auto& part : report.parts) {
    const auto& first = part.score.after.front();
    text +=
        row(part.by, part.value, part.score.lesions, dice_cell(part.score, 1), dice_cell(part.score, 3),
            dice_cell(part.score, 5), interval(first.nsd), std::format("{:.1f}", first.median_hd95_mm), first.empty);
  }
  return text + "\n";
}

std::string attribute_details(const EvaluationReport& report) {
  std::string text =
      "## Attributes in detail\n\nECE: in brackets what it would be, and in 97.5 % of cases at most, were every stated "
      "confidence the true one: few answers make an error of their own.\n\n" +
      row("clicks", "attribute", "n (answered)", "accuracy", "majority", "balanced", "chance", "macro F1",
          "ECE raw → calibrated", "Brier", "NLL raw → calibrated") +
      rule(11);
  for (const auto& scores : report.attributes) {
    for (const auto& s : scores.each) {
      if (s.known == 0) continue;
      text +=
          row(scores.clicks, name_of(s), std::format("{} ({})", s.known, s.answered), interval(s.accuracy),
              std::format("{:.3f}", s.majority), interval(s.whole.balanced_accuracy), std::format("{:.3f}", s.chance),
              std::format("{:.3f}", s.macro_f1), std::format("{:.3f} → {}", s.raw.ece, beside_perfect(s.whole.ece)),
              std::format("{:.3f} → {:.3f}", s.raw.brier, s.calibrated.brier),
              std::format("{:.3f} → {:.3f}", s.raw.nll, s.calibrated.nll));
    }
    text += row(scores.clicks, "**mean**", "", std::format("{:.3f}", scores.mean_accuracy),
                std::format("{:.3f}", scores.mean_majority), interval(scores.mean_whole.balanced_accuracy), "", "",
                beside_perfect(scores.mean_whole.ece), "", "");
  }
  return text + "\n";
}

std::string abstention_table(const EvaluationReport& report) {
  std::string text =
      "## Answering only when sure\n\nWith the manifest's thresholds (0: every answer counts; 1: none was "
      "sure enough on the validation set), after the first click.\n\n" +
      row("attribute", "threshold", "answers given", "accuracy of these", "of all") + rule(5);
  for (const auto& s : report.attributes.front().each) {
    if (s.answered == 0) continue;
    text += row(name_of(s), std::format("{:.3f}", s.selective.threshold),
                std::format("{:.1f} %", 100 * s.selective.coverage),
                s.selective.coverage > 0 ? std::format("{:.3f}", s.selective.accuracy) : "–",
                std::format("{:.3f}", s.accuracy.mean));
  }
  return text + "\n";
}

std::string confusion_tables(const EvaluationReport& report) {
  std::string text = "## Confusion after the first click\n\nRows: the truth; columns: what was named.\n\n";
  for (const auto& s : report.attributes.front().each) {
    if (s.known == 0) continue;
    const auto& labels = attribute_vocabulary()[static_cast<std::size_t>(s.attribute)].labels;
    text += std::format("| {} |", name_of(s));
    for (const auto& label : labels) text += std::format(" {} |", label);
    text += "\n" + rule(static_cast<int>(labels.size()) + 1);
    for (std::size_t truth = 0; truth < labels.size(); ++truth) {
      text += std::format("| {} |", labels[truth]);
      for (const auto count : s.confusion[truth]) text += std::format(" {} |", count);
      text += "\n";
    }
    text += "\n";
  }
  return text;
}

std::string plain_tissue_line(const PlainTissueScore& s) {
  return std::format(
      "{} clicks: {} answered with nothing; median {:.1f} ml, three quarters at most {:.1f} ml, nine "
      "tenths at most {:.1f} ml, largest {:.1f} ml",
      s.clicks, s.empty, s.median_ml, s.upper_quartile_ml, s.ninth_decile_ml, s.largest_ml);
}

std::string plain_tissue_section(const EvaluationReport& report) {
  if (report.plain.clicks == 0) return {};
  return "## Clicks into plain tissue\n\nA single click into soft tissue or fat, 15 mm or more from every lesion. " +
         plain_tissue_line(report.plain) + ".\n\n";
}

std::string why_no_attributes(const EvaluationReport& report) {
  return report.answers ? "No lesion has a known label.\n" : "The model named no attributes.\n";
}

/// What as_text says of masks.
std::string mask_lines(const EvaluationReport& report) {
  const auto& headline = report.protocols.front();
  std::string text = "\nclicks  DSC                   NSD 1.5 mm            median HD95 mm  empty\n";
  for (const auto& one : headline.score.after) {
    text += std::format("{:6}  {:20}  {:20}  {:14.1f}  {:5}\n", one.clicks, interval(one.dice), interval(one.nsd),
                        one.median_hd95_mm, one.empty);
  }
  for (std::size_t i = 1; i < report.protocols.size(); ++i) {
    text += std::format("{}{}", i == 1 ? "\nDSC by protocol\n" : "",
                        std::format("  {:10} 1: {}   5: {}\n", report.protocols[i].name,
                                    dice_cell(report.protocols[i].score, 1), dice_cell(report.protocols[i].score, 5)));
  }
  if (report.plain.clicks > 0) text += "\nplain tissue, " + plain_tissue_line(report.plain) + "\n";
  text += "\nDSC after one click\n";
  for (const auto& part : report.parts) {
    text += std::format("  {:14} {:48} {}  ({})\n", part.by, part.value, dice_cell(part.score, 1), part.score.lesions);
  }
  return text;
}

}  // namespace

std::string as_markdown(const EvaluationReport& report) {
  if (report.protocols.empty()) return "No lesion was tried.\n";
  const auto& headline = report.protocols.front();
  std::string text = std::format(
      "# Evaluation of {}\n\nOn {}: {} lesions of {} patients or series. Intervals are 95 %; of means by {} bootstrap "
      "draws of patients. Headline: protocol \"{}\". Numbers on different data must not be compared.\n\n",
      report.model, report.data, headline.score.lesions, headline.score.patients, bootstrap_draws, headline.name);
  text += table_2(report);
  const bool attributes = !report.attributes.empty();
  text += attributes ? table_3(report) : why_no_attributes(report) + "\n";
  if (report.marks)
    text += clicks_table(report) + behaviour_table(report) + plain_tissue_section(report) + parts_table(report);
  if (attributes) text += attribute_details(report) + abstention_table(report) + confusion_tables(report);
  return text;
}

std::string as_text(const EvaluationReport& report) {
  if (report.protocols.empty()) return "No lesion was tried.\n";
  const auto& headline = report.protocols.front();
  std::string text = std::format("{} on {}: {} lesions, protocol {}\n", report.model, report.data,
                                 headline.score.lesions, headline.name);
  if (!report.marks) text += "\nThe model gives no masks.\n";
  if (report.marks) text += mask_lines(report);
  if (report.attributes.empty()) return text + "\n" + why_no_attributes(report);
  text += "\nattribute      accuracy              balanced              majority  ECE\n";
  for (const auto& s : report.attributes.front().each) {
    if (s.known == 0) continue;
    text += std::format("{:14} {:20}  {:20}  {:8.3f}  {}\n", name_of(s), interval(s.accuracy),
                        interval(s.whole.balanced_accuracy), s.majority, beside_perfect(s.whole.ece));
  }
  const auto& first = report.attributes.front();
  return text + std::format("{:14} {:<20.3f}  {:20}  {:8.3f}  {}\n", "mean", first.mean_accuracy,
                            interval(first.mean_whole.balanced_accuracy), first.mean_majority,
                            beside_perfect(first.mean_whole.ece));
}

}  // namespace punctum
