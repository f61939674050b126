#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/event_store.hpp"

namespace punctum {

/// `punctum events --config FILE`
struct EventsOptions {
  std::filesystem::path config;
  std::size_t limit = 50;
  bool json = false;
};

/// Prints what an operator should know of, newest first, beside a running node or without one. @return 0.
/// @throws ConfigError, StorageError
int run_events(const EventsOptions& options);

/// Pure; what run_events prints.
std::string events_as_text(const std::vector<Event>& events);
std::string events_as_json(const std::vector<Event>& events);

}  // namespace punctum
