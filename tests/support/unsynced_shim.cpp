// A disk that loses what was not synced, as a library to preload (LD_PRELOAD) into the program under test.
//
// Files below PUNCTUM_SHIM_FOLDER go on living on the real file system; beside it, in PUNCTUM_SHIM_STATE, lies what a
// power cut would leave: `files/ID` with the synced bytes of every file, `names` with the synced names. fsync and
// fdatasync of a file bring its bytes there, and nothing else does; a name (created, renamed, linked or removed) gets
// there when its folder is synced. That is what POSIX promises and no more: an fsync of the file does not save its
// name, which some file systems do, and fdatasync does not save its permissions. tests/support/unsynced_folder makes a
// folder out of that state. State is written by plain calls that the model does not see, so it is right whenever
// SIGKILL comes.
//
// PUNCTUM_SHIM_FORGET  "files", "folders": no sync of these counts; "blobs": none of a file below a folder of that
//                      name. To prove that the test above it can fail.
// PUNCTUM_SHIM_LUCK    0 to 100: how often a write or a name reaches the disk unasked, torn or whole. A disk may also
//                      write early.
//
// Not modelled: memory-mapped writes. SQLite maps only its -shm file, which means nothing after a restart: left out.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

template <typename Function>
Function* real(const char* name) {
  auto* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::fprintf(stderr, "unsynced_shim: no %s\n", name);
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

// NOLINTBEGIN(bugprone-macro-parentheses)
#define REAL(name) (real<decltype(::name)>(#name))
// NOLINTEND(bugprone-macro-parentheses)

/// Half-open byte ranges, kept apart and sorted.
class Ranges {
 public:
  void add(off_t begin, off_t end) {
    if (begin >= end) return;
    auto at = ranges_.upper_bound(begin);
    if (at != ranges_.begin() && std::prev(at)->second >= begin) --at;
    while (at != ranges_.end() && at->first <= end) {
      begin = std::min(begin, at->first);
      end = std::max(end, at->second);
      at = ranges_.erase(at);
    }
    ranges_.emplace(begin, end);
  }
  std::map<off_t, off_t> take() { return std::exchange(ranges_, {}); }

 private:
  std::map<off_t, off_t> ranges_;
};

struct File {
  long id = 0;
  Ranges dirty;
};

/// A change of names that no sync has saved yet: `folder` is the one whose sync would, `line` goes to `names` then.
struct NameChange {
  std::string folder;
  std::string line;
};

std::string path_of(int descriptor) {
  std::array<char, 4096> path{};
  const auto size = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size() - 1);
  return size > 0 ? std::string(path.data()) : std::string();
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

/// What the disk holds and what it still has to be told. One lock around everything.
class Disk {
 public:
  Disk(std::string folder, std::string state) : folder_(std::move(folder)), state_(std::move(state)) {
    REAL(mkdir)(state_.c_str(), 0700);
    REAL(mkdir)((state_ + "/files").c_str(), 0700);
    if (const char* forget = std::getenv("PUNCTUM_SHIM_FORGET")) forget_ = forget;
    if (const char* luck = std::getenv("PUNCTUM_SHIM_LUCK")) luck_ = std::atoi(luck);
    read_names();
    names_ = REAL(open)((state_ + "/names").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (names_ < 0) std::abort();
  }

  void wrote(int descriptor, off_t begin, off_t end) {
    const std::lock_guard lock(mutex_);
    auto* file = file_of(descriptor);
    if (file == nullptr) return;
    if (lucky()) {  // early, and perhaps torn
      copy(descriptor, *file, begin, begin + static_cast<off_t>(random_() % static_cast<unsigned>(end - begin + 1)));
    }
    file->dirty.add(begin, end);
  }

  void truncated(int descriptor, off_t old_size, off_t new_size) {
    const std::lock_guard lock(mutex_);
    if (auto* file = file_of(descriptor)) file->dirty.add(std::min(old_size, new_size), std::max(old_size, new_size));
  }

  void synced(int descriptor, bool with_permissions) {
    const std::lock_guard lock(mutex_);
    struct stat found{};
    if (::fstat(descriptor, &found) != 0) return;
    if (S_ISDIR(found.st_mode)) {
      if (forget_ != "folders") save_names_of(descriptor);
      return;
    }
    auto* file = file_of(descriptor);
    if (file == nullptr || forget_ == "files") return;
    if (forget_ == "blobs" && path_of(descriptor).find("/blobs/") != std::string::npos) return;
    for (const auto& [begin, end] : file->dirty.take()) copy(descriptor, *file, begin, end);
    cut_shadow(*file, found.st_size);
    if (with_permissions) save("M " + std::to_string(file->id) + " " + std::to_string(found.st_mode & 07777));
  }

  void created(const std::string& path) {
    const std::lock_guard lock(mutex_);
    struct stat found{};
    if (is_ours(path) && ::lstat(path.c_str(), &found) == 0) adopt(path, found);
  }

  /// @param replaced the number of the file that had the new name and has none now.
  void renamed(const std::string& from, const std::string& to, std::optional<ino_t> replaced) {
    const std::lock_guard lock(mutex_);
    if (replaced) files_.erase(*replaced);
    struct stat found{};
    if (::lstat(to.c_str(), &found) != 0) return;
    if (is_ours(to)) {
      const auto known = files_.find(found.st_ino);
      if (known == files_.end()) {
        adopt(to, found);
      } else {
        change(to, "L " + std::to_string(known->second.id) + " " + inside(to));
      }
    }
    if (is_ours(from)) change(from, "U " + inside(from));
  }

  void removed(const std::string& path, const struct stat& was) {
    const std::lock_guard lock(mutex_);
    if (!is_ours(path)) return;
    change(path, "U " + inside(path));
    if (was.st_nlink <= 1) files_.erase(was.st_ino);  // its number may come again
  }

  void made_folder(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (is_ours(path)) change(path, "D " + inside(path));
  }

  bool is_ours(const std::string& path) const {
    return path.starts_with(folder_ + "/") && !path.ends_with("-shm") && !path.ends_with(" (deleted)");
  }

 private:
  std::string inside(const std::string& path) const { return path.substr(folder_.size() + 1); }
  bool lucky() { return static_cast<int>(random_() % 100) < luck_; }

  /// The names of an earlier life, if this folder was made out of them.
  void read_names() {
    std::ifstream names(state_ + "/names");
    std::map<std::string, long> known;
    for (std::string line; std::getline(names, line);) {
      std::istringstream words(line);
      char kind = 0;
      long id = 0;
      std::string path;
      words >> kind;
      if (kind == 'L' && words >> id >> path) known[path] = id;
      if (kind == 'U' && words >> path) known.erase(path);
      next_id_ = std::max(next_id_, id + 1);
    }
    for (const auto& [path, id] : known) {
      struct stat found{};
      if (::lstat((folder_ + "/" + path).c_str(), &found) == 0) files_[found.st_ino].id = id;
    }
  }

  /// The file behind a descriptor, if it lies in the folder. Files that were opened behind our back (fopen) get here
  /// by their first write.
  File* file_of(int descriptor) {
    struct stat found{};
    if (::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) return nullptr;
    if (const auto known = files_.find(found.st_ino); known != files_.end()) return &known->second;
    const auto path = path_of(descriptor);
    return is_ours(path) ? adopt(path, found) : nullptr;
  }

  File* adopt(const std::string& path, const struct stat& found) {
    if (!S_ISREG(found.st_mode)) return nullptr;
    auto [at, is_new] = files_.try_emplace(found.st_ino);
    if (is_new) {
      at->second.id = next_id_++;
      change(path, "L " + std::to_string(at->second.id) + " " + inside(path));
    }
    return &at->second;
  }

  void change(const std::string& path, std::string line) {
    pending_.push_back({parent_of(path), std::move(line)});
    if (!lucky()) return;  // otherwise the disk wrote its log up to here
    for (const auto& each : pending_) save(each.line);
    pending_.clear();
  }

  void save_names_of(int folder_descriptor) {
    const auto folder = path_of(folder_descriptor);
    for (const auto& each : pending_) {
      if (each.folder == folder) save(each.line);
    }
    std::erase_if(pending_, [&](const NameChange& each) { return each.folder == folder; });
  }

  void save(const std::string& line) const {
    const auto text = line + "\n";
    if (REAL(write)(names_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }

  std::string shadow_of(const File& file) const { return state_ + "/files/" + std::to_string(file.id); }

  void copy(int descriptor, const File& file, off_t begin, off_t end) const {
    const int from = REAL(open)(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), O_RDONLY | O_CLOEXEC);
    const int to = REAL(open)(shadow_of(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (from < 0 || to < 0) std::abort();
    std::vector<char> chunk(1 << 16);
    while (begin < end) {
      const auto got = ::pread(from, chunk.data(), std::min<std::size_t>(chunk.size(), end - begin), begin);
      if (got <= 0) break;  // it has become shorter since
      if (REAL(pwrite)(to, chunk.data(), static_cast<std::size_t>(got), begin) != got) std::abort();
      begin += got;
    }
    REAL(close)(from);
    REAL(close)(to);
  }

  void cut_shadow(const File& file, off_t size) const {
    const int to = REAL(open)(shadow_of(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (to < 0 || REAL(ftruncate)(to, size) != 0) std::abort();
    REAL(close)(to);
  }

  std::mutex mutex_;
  std::string folder_, state_, forget_;
  int luck_ = 0, names_ = -1;
  long next_id_ = 1;
  std::map<ino_t, File> files_;  // all on one device
  std::vector<NameChange> pending_;
  std::mt19937 random_{std::random_device{}()};
};

/// Made by the first call that could matter; never destroyed, since the program may write until its last moment.
Disk* disk() {
  static Disk* const made = []() -> Disk* {
    const char* folder = std::getenv("PUNCTUM_SHIM_FOLDER");
    const char* state = std::getenv("PUNCTUM_SHIM_STATE");
    if (folder == nullptr || state == nullptr) return nullptr;
    return new Disk(folder, state);
  }();
  return made;
}

/// Names of files of other programs are none of ours: children start without the library.
[[gnu::constructor]] void begin() {
  if (disk() != nullptr) ::unsetenv("LD_PRELOAD");
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  std::array<char, 4096> here{};
  if (::getcwd(here.data(), here.size()) == nullptr) return path;
  return std::string(here.data()) + "/" + path;
}

std::string absolute_at(int folder, const char* path) {
  if (path[0] == '/' || folder == AT_FDCWD) return absolute(path);
  return path_of(folder) + "/" + path;
}

bool wants_mode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

int opened(int descriptor, int flags, const std::string& path) {
  if (descriptor >= 0 && (flags & (O_CREAT | O_TRUNC)) != 0 && disk() != nullptr) {
    const int error = errno;
    disk()->created(path);
    if ((flags & O_TRUNC) != 0) disk()->truncated(descriptor, 0, 0);
    errno = error;
  }
  return descriptor;
}

off_t size_of(int descriptor) {
  struct stat found{};
  return ::fstat(descriptor, &found) == 0 ? found.st_size : 0;
}

/// After a write at the descriptor's own position.
ssize_t wrote_here(int descriptor, ssize_t count) {
  if (count > 0 && disk() != nullptr) {
    const int error = errno;
    const auto end = ::lseek(descriptor, 0, SEEK_CUR);
    if (end >= count) disk()->wrote(descriptor, end - count, end);
    errno = error;
  }
  return count;
}

ssize_t wrote_at(int descriptor, ssize_t count, off_t offset) {
  if (count > 0 && disk() != nullptr) disk()->wrote(descriptor, offset, offset + count);
  return count;
}

}  // namespace

extern "C" {

#define MODE_OF(flags)           \
  mode_t mode = 0;               \
  if (wants_mode(flags)) {       \
    va_list rest;                \
    va_start(rest, flags);       \
    mode = va_arg(rest, mode_t); \
    va_end(rest);                \
  }

int open(const char* path, int flags, ...) {
  MODE_OF(flags)
  return opened(REAL(open)(path, flags, mode), flags, absolute(path));
}
int open64(const char* path, int flags, ...) {
  MODE_OF(flags)
  return opened(REAL(open64)(path, flags, mode), flags, absolute(path));
}
int openat(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  return opened(REAL(openat)(folder, path, flags, mode), flags, absolute_at(folder, path));
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  return opened(REAL(openat64)(folder, path, flags, mode), flags, absolute_at(folder, path));
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  return wrote_here(descriptor, REAL(write)(descriptor, bytes, count));
}
ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  return wrote_here(descriptor, REAL(writev)(descriptor, parts, count));
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return wrote_at(descriptor, REAL(pwrite)(descriptor, bytes, count, offset), offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  return wrote_at(descriptor, REAL(pwrite64)(descriptor, bytes, count, offset), offset);
}

int ftruncate(int descriptor, off_t size) noexcept {
  const auto before = size_of(descriptor);
  const int result = REAL(ftruncate)(descriptor, size);
  if (result == 0 && disk() != nullptr) disk()->truncated(descriptor, before, size);
  return result;
}
int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

// The real sync is done too: it takes the time that a disk takes, and that is when power fails.
int fsync(int descriptor) {
  const int result = REAL(fsync)(descriptor);
  if (result == 0 && disk() != nullptr) disk()->synced(descriptor, /*with_permissions=*/true);
  return result;
}
int fdatasync(int descriptor) {
  const int result = REAL(fdatasync)(descriptor);
  if (result == 0 && disk() != nullptr) disk()->synced(descriptor, /*with_permissions=*/false);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  const auto old_path = absolute(from), new_path = absolute(to);
  struct stat target{};
  const bool replaces = ::lstat(to, &target) == 0 && target.st_nlink == 1;
  const int result = REAL(rename)(from, to);
  if (result == 0 && disk() != nullptr) {
    disk()->renamed(old_path, new_path, replaces ? std::optional(target.st_ino) : std::nullopt);
  }
  return result;
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return rename(absolute_at(from_folder, from).c_str(), absolute_at(to_folder, to).c_str());
}

int unlink(const char* path) noexcept {
  struct stat was{};
  const bool known = ::lstat(path, &was) == 0;
  const auto full = absolute(path);
  const int result = REAL(unlink)(path);
  if (result == 0 && known && disk() != nullptr) disk()->removed(full, was);
  return result;
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  if ((flags & AT_REMOVEDIR) != 0) return REAL(unlinkat)(folder, path, flags);
  return unlink(absolute_at(folder, path).c_str());
}
int remove(const char* path) noexcept {
  struct stat found{};
  if (::lstat(path, &found) == 0 && S_ISREG(found.st_mode)) return unlink(path);
  return REAL(remove)(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  const int result = REAL(mkdir)(path, mode);
  if (result == 0 && disk() != nullptr) disk()->made_folder(absolute(path));
  return result;
}

/// Ways round the model that the program does not use today: better an abort than a wrong verdict.
int link(const char*, const char*) noexcept { std::abort(); }
int linkat(int, const char*, int, const char*, int) noexcept { std::abort(); }

}  // extern "C"
