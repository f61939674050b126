#include "storage/sqlite/migrate.hpp"

#include "dicom/types/error.hpp"

namespace punctum::sqlite {

namespace {

std::size_t schema_version(Connection& connection) {
  auto version = connection.use("PRAGMA user_version");
  version->step();
  return static_cast<std::size_t>(version->integer(0));
}

}  // namespace

void migrate(Connection& connection, std::span<const Migration> steps) {
  if (schema_version(connection) == steps.size()) return;
  Transaction transaction(connection);  // another process may be doing the same: look again under the lock
  const std::size_t done = schema_version(connection);
  if (done > steps.size()) {
    throw StorageError("cannot open the index: its schema is version " + std::to_string(done) +
                       ", this program knows versions up to " + std::to_string(steps.size()) +
                       "; start the newer program that wrote it");
  }
  for (std::size_t step = done; step < steps.size(); ++step) {
    try {
      connection.execute(std::string(steps[step].sql));
    } catch (const StorageError& error) {
      throw StorageError("cannot apply " + std::string(steps[step].name) + ": " + error.what());
    }
    connection.execute("PRAGMA user_version = " + std::to_string(step + 1));
  }
  transaction.commit();
}

}  // namespace punctum::sqlite
