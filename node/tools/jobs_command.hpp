#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/delivery_store.hpp"
#include "storage/job_store.hpp"

namespace punctum {

/// `punctum jobs --config FILE`
struct JobsOptions {
  std::filesystem::path config;
  std::size_t limit = 50;  ///< newest jobs and deliveries shown
  bool json = false;
};

/// Prints jobs and deliveries from the index, beside a running node or without one. @return 0. @throws ConfigError,
/// StorageError
int run_jobs(const JobsOptions& options);

/// Pure; what run_jobs prints.
std::string jobs_as_text(const std::vector<Job>& jobs, const std::vector<Delivery>& deliveries);
std::string jobs_as_json(const std::vector<Job>& jobs, const std::vector<Delivery>& deliveries);

}  // namespace punctum
