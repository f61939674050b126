#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "inference/evaluation/attribute_scores.hpp"
#include "inference/evaluation/plain_tissue.hpp"

namespace punctum {

/// Everything that a run says, computed once, in the order of the report.
struct EvaluationReport {
  struct ByProtocol {
    std::string name, meaning;
    ProtocolScore score;
  };
  std::string model, data;
  bool answers = false;               ///< the model named attributes, whether they can be judged or not
  bool marks = true;                  ///< false: no masks, and the scores below hold nothing of them
  std::vector<ByProtocol> protocols;  ///< the headline first
  struct ByPart {
    std::string by, value;
    ProtocolScore score;
    AttributeScores attributes;  ///< after the first click; for groups and types
  };
  std::vector<ByPart> parts;                ///< of the headline
  std::vector<AttributeScores> attributes;  ///< of the headline after 1, 3, 5, 10 clicks
  AttributeScores attributes_given_truth;   ///< after the first click
  std::array<double, attribute_count> abstain_below{};
  PlainTissueScore plain;
};
EvaluationReport report_on(const EvaluationRun& run);

nlohmann::ordered_json as_json(const EvaluationReport& report);
/// Tables 2 and 3 of the paper's form first, then the rest of reference/model.md, section 6.
std::string as_markdown(const EvaluationReport& report);
/// The least that a decision during training needs, some lines.
std::string as_text(const EvaluationReport& report);

}  // namespace punctum
