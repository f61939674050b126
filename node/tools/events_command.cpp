#include "node/tools/events_command.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "node/runtime/clock.hpp"
#include "storage/work_stores.hpp"

namespace punctum {

std::string events_as_text(const std::vector<Event>& events) {
  if (events.empty()) return "no events\n";
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string("  ") + name + value + "\n";
  };
  for (const auto& event : events) {
    text += iso_utc(event.last_utc_ms) + "  " + event.kind;
    if (event.times > 1) text += "  " + std::to_string(event.times) + " times since " + iso_utc(event.first_utc_ms);
    text += "\n";
    line("instance  ", event.sop_instance_uid);
    line("study     ", event.study_instance_uid);
    line("from      ", event.source_ae_title);
    line("note      ", event.detail);
  }
  return text;
}

std::string events_as_json(const std::vector<Event>& events) {
  auto list = nlohmann::json::array();
  for (const auto& event : events) {
    list.push_back({{"kind", event.kind},
                    {"sop_instance_uid", event.sop_instance_uid},
                    {"study_instance_uid", event.study_instance_uid},
                    {"source_ae_title", event.source_ae_title},
                    {"detail", event.detail},
                    {"times", event.times},
                    {"first", iso_utc(event.first_utc_ms)},
                    {"last", iso_utc(event.last_utc_ms)}});
  }
  return nlohmann::json{{"events", std::move(list)}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

int run_events(const EventsOptions& options) {
  const auto config = load_config(options.config);
  const auto events = open_work_stores(config.data_dir, /*read_only=*/true).events->list(options.limit);
  std::cout << (options.json ? events_as_json(events) : events_as_text(events));
  return 0;
}

}  // namespace punctum
