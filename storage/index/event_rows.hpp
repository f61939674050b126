#pragma once

#include <vector>

#include "storage/event_store.hpp"
#include "storage/sqlite/connection.hpp"

namespace punctum {

/// Adds the event or counts it up; within the caller's transaction, if there is one.
void add_event(sqlite::Connection& connection, const Event& event, std::int64_t utc_ms);
std::vector<Event> newest_events(sqlite::Connection& connection, std::size_t limit);

}  // namespace punctum
