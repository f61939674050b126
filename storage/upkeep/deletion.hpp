#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// The rows of a study, in one transaction: instances, series, study, its patient if it was the last one, and the work
/// that was done on it. The files' names go to discarded_blob, what was removed to removal, the fact to event.
Deletion delete_study_rows(sqlite::Connection& connection, const Uid& study_instance_uid, const DeletionRule& rule,
                           std::int64_t now_utc_ms);

}  // namespace punctum
