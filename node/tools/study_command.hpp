#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "inference/evaluation/study_report.hpp"
#include "node/tools/study_config.hpp"

namespace punctum {

struct StudyOptions {
  StudyConfig config;
  std::filesystem::path folder;                  ///< of the study; every arm and seed has a folder in it
  std::string command;                           ///< the command line, for the manifests
  std::string version;                           ///< of the program, likewise
  std::function<void(const std::string&)> said;  ///< progress, line by line
  std::function<bool()> stop;                    ///< asked between steps; true ends the study after a checkpoint
};

/// `punctum study --config FILE --folder DIR`: trains each arm with each seed, tries it by `punctum evaluate`'s code
/// and writes study.json and study.md of all arms that are done, after every one of them. Goes on where it was
/// interrupted: finished arms are not trained again, a training resumes from its checkpoint, an evaluation after its
/// last series. Seed by seed, so that an unfinished study compares like with like. Needs a DcmtkRuntime while it runs.
/// @return whether all arms are done. @throws ConfigError where the folder holds a study of another training; what
/// train and evaluate throw.
bool run_study(const StudyOptions& options);

}  // namespace punctum
