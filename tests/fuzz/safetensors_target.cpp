// Weights and their manifest: files that come from elsewhere.
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "inference/model/manifest.hpp"
#include "inference/model/safetensors.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

/// A file in memory with this content, to be opened by path.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView content) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    if (::write(descriptor_, content.data(), content.size()) < 0) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void run(ByteView input) {
  const MemoryFile file(input);
  expecting_errors([&] { (void)read_safetensors(file.path()); });
  expecting_errors([&] { (void)read_manifest(file.path()); });
}

const Registered target("safetensors", run);

}  // namespace
}  // namespace punctum::fuzz
