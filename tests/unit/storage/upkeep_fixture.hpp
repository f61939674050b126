#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "storage/index/database.hpp"
#include "storage/upkeep.hpp"
#include "storage/work_stores.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {

namespace fs = std::filesystem;

/// An archive, what looks after it, and the events that both leave.
class UpkeepTest : public testing::Test {
 protected:
  std::unique_ptr<Archive> open() const { return Archive::open(options_for(folder)); }
  fs::path data() const { return folder.path() / "data"; }
  std::unique_ptr<Upkeep> upkeep() const { return Upkeep::open(data(), /*read_only=*/false); }
  std::vector<Event> events() const { return open_work_stores(data(), true).events->list(100); }
  std::vector<std::string> kinds() const {
    std::vector<std::string> all;
    for (const auto& event : events()) all.push_back(event.kind);
    return all;
  }
  std::int64_t number(const std::string& sql) const {
    auto index = open_index(data(), sqlite::Access::read_only);
    auto row = index.use(sql);
    row->step();
    return row->integer(0);
  }
  static void put_study(Archive& archive, int study, int instances = 3) {
    for (int i = 1; i <= instances; ++i) put_one(archive, study, i);
  }
  static void put_one(Archive& archive, int study, int instance, const std::string& text = "slice") {
    const auto content = bytes_of(text + std::to_string(study) + "." + std::to_string(instance));
    put(archive, record_of(study, 1, instance, content), content);
  }
  /// Of those that the index names.
  std::size_t sound_files() const {
    const auto keeper = upkeep();
    const auto files = keeper->files_after(0, 100);
    return static_cast<std::size_t>(std::ranges::count_if(
        files, [&](const auto& file) { return keeper->examine(file, {}) == FileCondition::whole; }));
  }
  static void overwrite(const fs::path& file, std::string_view text) {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(file, std::ios::in | std::ios::binary) << text;
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::remove);
  }
  /// @return the file, as the index describes it.
  static StoredFile overwrite_only_file(Upkeep& looks) {
    auto file = looks.files_after(0, 1).at(0);
    overwrite(file.path, "X");
    return file;
  }
  static constexpr auto nobody = [](std::size_t) {};
  TempFolder folder;
};

}  // namespace punctum::test
