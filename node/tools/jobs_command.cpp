#include "node/tools/jobs_command.hpp"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "node/runtime/clock.hpp"
#include "storage/work_stores.hpp"

namespace punctum {
namespace {

/// "total 812 ms: assemble 310, encode 402, ..."
std::string stages_as_text(const std::map<std::string, double>& stage_ms) {
  std::string total, parts;
  for (const auto& [name, ms] : stage_ms) {
    const auto number = std::to_string(std::llround(ms));
    const auto word = name.ends_with("_ms") ? name.substr(0, name.size() - 3) : name;
    if (word == "total") {
      total = "total " + number + " ms";
    } else {
      parts += (parts.empty() ? "" : ", ") + word + " " + number;
    }
  }
  return total + (total.empty() || parts.empty() ? "" : ": ") + parts;
}

std::string job_as_text(const Job& job) {
  auto text = "job " + std::to_string(job.id) + "  " + std::string(to_string(job.state)) + "  " +
              iso_utc(job.updated_utc_ms) + "\n  gsps    " + job.gsps_uid.str() + "\n";
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string("  ") + name + value + "\n";
  };
  line("series  ", job.series_uid);
  line("lesion  ", job.tracking_uid);
  line("round   ", job.round > 0 ? std::to_string(job.round) : "");
  line("seg     ", job.seg_uid);
  line("sr      ", job.sr_uid);
  line("stages  ", stages_as_text(job.stage_ms));
  line("note    ", job.message);
  return text;
}

std::string delivery_as_text(const Delivery& delivery) {
  return "to " + delivery.peer + "  " + std::string(to_string(delivery.state)) + "  attempt " +
         std::to_string(delivery.attempts) + "  " + delivery.sop_instance_uid.str() +
         (delivery.message.empty() ? "" : "  " + delivery.message) + "\n";
}

nlohmann::json to_json(const Job& job) {
  return {{"id", job.id},
          {"state", to_string(job.state)},
          {"gsps_uid", job.gsps_uid.str()},
          {"series_uid", job.series_uid},
          {"tracking_uid", job.tracking_uid},
          {"round", job.round},
          {"attempts", job.attempts},
          {"message", job.message},
          {"seg_uid", job.seg_uid},
          {"sr_uid", job.sr_uid},
          {"stage_ms", job.stage_ms},
          {"created", iso_utc(job.created_utc_ms)},
          {"updated", iso_utc(job.updated_utc_ms)}};
}

nlohmann::json to_json(const Delivery& delivery) {
  return {{"id", delivery.id},
          {"sop_instance_uid", delivery.sop_instance_uid.str()},
          {"peer", delivery.peer},
          {"state", to_string(delivery.state)},
          {"attempts", delivery.attempts},
          {"message", delivery.message}};
}

template <class Row>
nlohmann::json to_json_list(const std::vector<Row>& rows) {
  auto list = nlohmann::json::array();
  for (const auto& row : rows) list.push_back(to_json(row));
  return list;
}

}  // namespace

std::string jobs_as_text(const std::vector<Job>& jobs, const std::vector<Delivery>& deliveries) {
  std::string text;
  for (const auto& job : jobs) text += job_as_text(job);
  if (jobs.empty()) text += "no jobs\n";
  if (!deliveries.empty()) text += "deliveries\n";
  for (const auto& delivery : deliveries) text += "  " + delivery_as_text(delivery);
  return text;
}

std::string jobs_as_json(const std::vector<Job>& jobs, const std::vector<Delivery>& deliveries) {
  const nlohmann::json out{{"jobs", to_json_list(jobs)}, {"deliveries", to_json_list(deliveries)}};
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int run_jobs(const JobsOptions& options) {
  const auto config = load_config(options.config);
  const auto stores = open_work_stores(config.data_dir, /*read_only=*/true);
  const auto jobs = stores.jobs->list(options.limit);
  const auto deliveries = stores.deliveries->list(options.limit);
  std::cout << (options.json ? jobs_as_json(jobs, deliveries) : jobs_as_text(jobs, deliveries));
  return 0;
}

}  // namespace punctum
