#pragma once

#include "inference/evaluation/trial.hpp"

namespace punctum {

/// Clicks on one lesion until `clicks` are made, the mask is perfect, or the node would refuse. The same seed, case and
/// protocol give the same clicks as long as the answers are the same. @throws ModelError, GeometryError
CaseTrial run_trial(Segmenter& segmenter, const EvaluationCase& lesion, const Protocol& protocol, int clicks,
                    std::uint64_t seed);

/// The masks after the trial's clicks once more, for pictures. @throws as above
LesionMask replay(Segmenter& segmenter, const EvaluationCase& lesion, const CaseTrial& trial, std::size_t clicks);

}  // namespace punctum
