#include "node/jobs/job_feed.hpp"

#include <string_view>
#include <thread>

#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/change_feed.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

constexpr std::chrono::milliseconds nap{500};
constexpr std::uint64_t largest_presentation_state = std::uint64_t{64} << 20;  // with overlays and icons; read whole

bool is_presentation_state(const SopInstance& name) {
  return name.sop_class_uid.str().starts_with(sop_class::presentation_states);
}

Job job_for(const SopInstance& presentation_state) {
  return {.gsps_uid = presentation_state.sop_instance_uid,
          .series_uid = "",
          .tracking_uid = "",
          .message = "",
          .seg_uid = "",
          .sr_uid = "",
          .stage_ms = {}};
}

}  // namespace

std::size_t JobFeed::catch_up() {
  return follow_changes(archive_, followers_, follower::jobs, [this](std::span<const Change> changes) {
    for (const auto& change : changes) {
      if (change.origin == Origin::received && is_presentation_state(change.name)) make_jobs(change.name);
    }
    arrived_.ring();
  });
}

void JobFeed::make_jobs(const SopInstance& presentation_state) {
  const auto queue = [&](const Job& job) {
    const auto added = jobs_.add(job);
    if (!added) return;
    log_event(LogLevel::info, "jobs", added->state == JobState::waiting ? "queued" : to_string(added->state),
              {{"job", added->id}, {"gsps", job.gsps_uid}, {"series", job.series_uid}, {"why", job.message}});
  };
  const auto stored = archive_.instance(presentation_state.sop_instance_uid);
  if (!stored) return;  // deleted meanwhile
  auto job = job_for(presentation_state);
  try {
    if (const auto size = stored->record.file_size; size > largest_presentation_state) {
      throw Refusal("The presentation state has " + std::to_string(size) + " bytes, expected at most " +
                    std::to_string(largest_presentation_state) + ".");
    }
    for (const auto& prompt : read_point_prompts(archive_.read(*stored))) {
      job.series_uid = prompt.series_instance_uid.str();
      job.tracking_uid = prompt.lesion.tracking_uid.str();
      queue(job);
    }
  } catch (const Refusal& refusal) {
    job.state = JobState::refused;
    job.message = refusal.what();
    queue(job);
  } catch (const DicomError& error) {
    job.state = JobState::refused;
    job.message = std::string("The presentation state cannot be read: ") + error.what();
    queue(job);
  } catch (const OutOfResources&) {
    throw;  // tried again
  } catch (const StorageError& error) {
    // A damaged file must not hold up every later click. Sent again, it is new to the feed.
    job.state = JobState::refused;
    job.message = std::string("The presentation state cannot be read: ") + error.what();
    queue(job);
  }
}

void JobFeed::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      if (catch_up() > 0) std::this_thread::sleep_for(between_looks);
      archive_.wait_for_change(followers_.position(follower::jobs), nap);
    } catch (const std::exception& error) {
      log_event(LogLevel::error, "jobs", "feed_failed", {{"why", error.what()}});
      arrived_.wait(stop, nap);
    }
  }
}

}  // namespace punctum
