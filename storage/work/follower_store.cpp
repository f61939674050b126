#include "storage/work/work_database.hpp"

namespace punctum {

namespace {

class SqliteFollowerStore final : public FollowerStore {
 public:
  explicit SqliteFollowerStore(std::shared_ptr<WorkDatabase> database) : database_(std::move(database)) {}

  std::int64_t position(const std::string& follower) const override {
    return database_->with([&](sqlite::Connection& connection) -> std::int64_t {
      auto row = connection.use("SELECT sequence FROM follower WHERE name = ?");
      return row->with(follower).step() ? row->integer(0) : 0;
    });
  }

  void advance(const std::string& follower, std::int64_t sequence) override {
    database_->with([&](sqlite::Connection& connection) {
      connection
          .use(
              "INSERT INTO follower (name, sequence) VALUES (?1, ?2) "
              "ON CONFLICT (name) DO UPDATE SET sequence = ?2 WHERE sequence < ?2")
          ->with(follower, sequence)
          .run();
    });
  }

  void restart(const std::string& follower) override {
    database_->with([&](sqlite::Connection& connection) {
      connection.use("DELETE FROM follower WHERE name = ?")->with(follower).run();
    });
  }

 private:
  std::shared_ptr<WorkDatabase> database_;
};

}  // namespace

std::unique_ptr<FollowerStore> make_follower_store(std::shared_ptr<WorkDatabase> database) {
  return std::make_unique<SqliteFollowerStore>(std::move(database));
}

}  // namespace punctum
