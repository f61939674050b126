#include "tests/support/unsynced_folder.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace punctum::test {

namespace fs = std::filesystem;

namespace {

constexpr auto default_mode = static_cast<fs::perms>(0640);

/// The synced names, as `names` of the shim lists their changes.
struct Names {
  std::set<std::string> folders{""};
  std::map<std::string, long> files;
  std::map<long, fs::perms> permissions;
};

Names read_names(const fs::path& list) {
  Names names;
  std::ifstream in(list);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    char kind = 0;
    long id = 0;
    unsigned mode = 0;
    std::string path;
    words >> kind;
    if (kind == 'L' && words >> id >> path) names.files[path] = id;
    if (kind == 'U' && words >> path) names.files.erase(path);
    if (kind == 'D' && words >> path) names.folders.insert(path);
    if (kind == 'M' && words >> id >> mode) names.permissions[id] = static_cast<fs::perms>(mode);
  }
  return names;
}

/// A name is there only if the folder is, whose name is there only if its folder is.
bool reachable(const Names& names, const fs::path& folder) {
  return folder.empty() || (names.folders.contains(folder.string()) && reachable(names, folder.parent_path()));
}

/// Forgets what did not survive, so that a later folder of the same name does not bring its files back.
void rewrite(const fs::path& state, const Names& names) {
  std::ofstream out(state / "names", std::ios::trunc);
  std::set<std::string> alive;
  for (const auto& folder : names.folders) {
    if (!folder.empty() && reachable(names, folder)) out << "D " << folder << '\n';
  }
  for (const auto& [name, id] : names.files) {
    if (!reachable(names, fs::path(name).parent_path())) continue;
    out << "L " << id << ' ' << name << '\n';
    alive.insert(std::to_string(id));
    const auto mode = names.permissions.find(id);
    if (mode != names.permissions.end()) out << "M " << id << ' ' << static_cast<unsigned>(mode->second) << '\n';
  }
  std::vector<fs::path> dead;
  for (const auto& entry : fs::directory_iterator(state / "files")) {
    if (!alive.contains(entry.path().filename().string())) dead.push_back(entry.path());
  }
  for (const auto& path : dead) fs::remove(path);
}

/// Sizes of the regular files, by path inside the folder.
std::map<std::string, std::uintmax_t> sizes_in(const fs::path& folder) {
  std::map<std::string, std::uintmax_t> sizes;
  if (!fs::exists(folder)) return sizes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().string().ends_with("-shm")) continue;
    sizes[fs::relative(entry.path(), folder).string()] = entry.file_size();
  }
  return sizes;
}

}  // namespace

UnsyncedFolder::UnsyncedFolder(fs::path folder, fs::path state)
    : folder_(std::move(folder)), state_(std::move(state)) {}

std::map<std::string, std::string> UnsyncedFolder::environment(const std::string& forget, int luck_percent) const {
  return {{"LD_PRELOAD", PUNCTUM_UNSYNCED_SHIM},
          {"PUNCTUM_SHIM_FOLDER", folder_.string()},
          {"PUNCTUM_SHIM_STATE", state_.string()},
          {"PUNCTUM_SHIM_FORGET", forget},
          {"PUNCTUM_SHIM_LUCK", std::to_string(luck_percent)}};
}

UnsyncedFolder::Loss UnsyncedFolder::cut_power() const {
  const auto before = sizes_in(folder_);
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  const auto names = read_names(state_ / "names");
  for (const auto& folder : names.folders) {
    if (reachable(names, folder)) fs::create_directories(folder_ / folder);
  }
  for (const auto& [name, id] : names.files) {
    if (!reachable(names, fs::path(name).parent_path())) continue;
    const auto path = folder_ / name, synced = state_ / "files" / std::to_string(id);
    if (fs::exists(synced)) {
      fs::copy_file(synced, path);
    } else {
      std::ofstream(path).flush();  // a name without content
    }
    const auto mode = names.permissions.find(id);
    fs::permissions(path, mode == names.permissions.end() ? default_mode : mode->second);
  }
  rewrite(state_, names);
  Loss loss;
  const auto after = sizes_in(folder_);
  for (const auto& [name, size] : before) {
    const auto kept = after.find(name);
    if (kept == after.end()) ++loss.names;
    if (kept != after.end() && kept->second < size) loss.bytes += size - kept->second;
  }
  return loss;
}

}  // namespace punctum::test
