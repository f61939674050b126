#pragma once

#include "node/http/http_server.hpp"
#include "storage/archive.hpp"
#include "storage/work_stores.hpp"

namespace punctum {

/// Answers GET and HEAD /health with {"ok": true, "version": ..., "last_change": ..., "jobs": {...}, ...}; 503 with
/// "ok": false when the index cannot be asked; 404 for everything else. Any thread.
HttpAnswer answer_health(const HttpRequest& request, const Archive& archive, const WorkStores& stores);

}  // namespace punctum
