#include "node/jobs/job_worker.hpp"

#include <algorithm>
#include <utility>

#include "dicom/types/error.hpp"
#include "node/jobs/readiness.hpp"
#include "node/pipeline/prompt_source.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds nap{200};

/// The longer a job has waited, the longer until it is looked at again: what somebody is waiting for comes soon or not.
milliseconds next_look(milliseconds waited) { return std::clamp(waited / 10, milliseconds(500), milliseconds(10000)); }

double stage(const Job& job, const char* name) {
  const auto found = job.stage_ms.find(name);
  return found == job.stage_ms.end() ? 0 : found->second;
}

std::string minutes(milliseconds time) {
  const auto seconds = time.count() / 1000;
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + " minutes" : std::to_string(seconds) + " seconds";
}

std::string still_missing(const Readiness& images) {
  return std::to_string(images.missing) + " of the " + std::to_string(images.wanted) +
         " images that the clicks were drawn on";
}

}  // namespace

bool JobWorker::work_once() {
  auto job = jobs_.claim(holder_, rules_.lease);
  if (!job) return false;
  work_on(std::move(*job));
  return true;
}

void JobWorker::work_on(Job job) {
  // Claimed more often than it may fail: the earlier runs did not end in an error, they took the process with them.
  if (job.attempts > rules_.attempts) {
    finish(std::move(job), JobState::failed,
           "the node stopped while working on this job, " + std::to_string(rules_.attempts) + " times");
    return;
  }
  try {
    const auto prompt = read_prompt(parts_.archive, job.gsps_uid, job.series_uid, job.tracking_uid);
    require_usable_images(parts_.archive, prompt);
    if (put_off(job, prompt)) return;
    const auto result = run_pipeline(parts_, prompt, job.stage_ms);
    conclude(std::move(job), result);
  } catch (const Refusal& refusal) {
    finish(std::move(job), JobState::refused, refusal.what());
  } catch (const std::exception& error) {
    retry_or_fail(std::move(job), error.what());
  }
}

bool JobWorker::put_off(const Job& job, const PointPrompt& prompt) {
  const auto now = parts_.clock();
  const auto images = look_at_images(parts_.archive, prompt, rules_.settle, now);
  if (images.ready()) return false;
  const milliseconds waited(std::max<std::int64_t>(now - job.created_utc_ms, 0));
  if (images.missing > 0 && waited >= rules_.images_within) {
    finish(job, JobState::refused,
           still_missing(images) + " did not arrive within " + minutes(rules_.images_within) +
               ". Please send the series and save the click again.");
  } else if (images.missing > 0) {
    jobs_.postpone(job.id, "waits for " + still_missing(images), next_look(waited));
  } else {
    jobs_.postpone(job.id, "waits until no more images of the series arrive", images.quiet_in);
  }
  return true;
}

void JobWorker::conclude(Job job, const JobResult& result) {
  if (const auto* answered = std::get_if<Answered>(&result)) {
    job.round = answered->round;
    job.seg_uid = answered->seg ? answered->seg->str() : "";
    job.sr_uid = answered->sr.str();
    finish(std::move(job), JobState::delivered, answered->note);
  } else if (const auto* refused = std::get_if<Refused>(&result)) {
    finish(std::move(job), JobState::refused, refused->sentence);
  } else {
    retry_or_fail(std::move(job), std::get<Failed>(result).reason);
  }
}

void JobWorker::retry_or_fail(Job job, const std::string& reason) {
  if (job.attempts >= rules_.attempts) {
    finish(std::move(job), JobState::failed, reason);
    return;
  }
  const auto delay = rules_.first_retry * (1 << std::min(job.attempts - 1, 10));
  log_event(LogLevel::warning, "job", "failed_once",
            {{"job", job.id}, {"attempt", job.attempts}, {"why", reason}, {"retry_in_ms", delay.count()}});
  jobs_.retry(job.id, "failed once, runs again: " + reason, delay);
}

void JobWorker::finish(Job job, JobState state, const std::string& message) {
  job.state = state;
  job.message = message;
  jobs_.finish(job);
  const bool good = state == JobState::delivered;
  log_event(good ? LogLevel::info : LogLevel::warning, "job", to_string(state),
            {{"job", job.id},
             {"attempt", job.attempts},
             {"gsps", job.gsps_uid},
             {"series", job.series_uid},
             {"lesion", job.tracking_uid},
             {"round", job.round},
             {"seg", job.seg_uid},
             {"sr", job.sr_uid},
             {"read_ms", stage(job, "read_ms")},
             {"assemble_ms", stage(job, "assemble_ms")},
             {"preprocess_ms", stage(job, "preprocess_ms")},
             {"encode_ms", stage(job, "encode_ms")},
             {"decode_ms", stage(job, "decode_ms")},
             {"postprocess_ms", stage(job, "postprocess_ms")},
             {"measure_ms", stage(job, "measure_ms")},
             {"write_seg_ms", stage(job, "write_seg_ms")},
             {"write_sr_ms", stage(job, "write_sr_ms")},
             {"store_ms", stage(job, "store_ms")},
             {"total_ms", stage(job, "total_ms")},
             {"why", message}});
}

void JobWorker::run(const std::stop_token& stop, WakeUp& arrived) {
  while (!stop.stop_requested()) {
    try {
      if (!work_once()) arrived.wait(stop, nap);
    } catch (const std::exception& error) {
      log_event(LogLevel::error, "job", "queue_failed", {{"why", error.what()}});
      arrived.wait(stop, nap);
    }
  }
}

}  // namespace punctum
