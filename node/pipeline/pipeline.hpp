#pragma once

#include <string>

#include "dicom/findings/point_prompt.hpp"
#include "inference/segmenter.hpp"
#include "node/ingest/ingest.hpp"
#include "node/pipeline/job_result.hpp"
#include "node/pipeline/series_cache.hpp"
#include "node/runtime/clock.hpp"
#include "storage/archive.hpp"
#include "storage/job_store.hpp"

namespace punctum {

/// What the pipeline works with. All of it outlives every run.
struct PipelineParts {
  const Archive& archive;
  const JobStore& jobs;  ///< asked for earlier rounds only
  Ingest& ingest;        ///< the way back into the archive
  SeriesCache& series;
  Segmenter& segmenter;
  Clock clock;
  std::string device_serial_number;
};

/// From clicks to stored SEG and SR: archive checks, volume, earlier rounds, network, measurements, objects, ingest.
/// The same prompt always ends in the same two UIDs; what an interrupted run has stored already is kept and used.
/// Never throws for what the reader or the data did. Job thread only.
JobResult run_pipeline(const PipelineParts& parts, const PointPrompt& prompt, StageTimes& times);

}  // namespace punctum
