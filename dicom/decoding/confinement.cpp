#include "dicom/decoding/confinement.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>

#include "dicom/decoding/syscall_filter.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

void require(int result, const std::string& what) {
  if (result == 0) return;
  throw DicomError("cannot confine decoder: " + what + ": " + std::generic_category().message(errno));
}

void limit(decltype(RLIMIT_CORE) resource, rlim_t most, const std::string& what) {
  const rlimit both{most, most};
  require(setrlimit(resource, &both), "limit " + what);
}

constexpr rlim_t descriptors_in_use = 3;

}  // namespace

void confine_this_process() {
  require(prctl(PR_SET_PDEATHSIG, SIGKILL), "end with the parent");
  require(prctl(PR_SET_DUMPABLE, 0), "leave no dump");
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "gain no privileges");
  limit(RLIMIT_CORE, 0, "core files");
  limit(RLIMIT_NOFILE, descriptors_in_use, "open files");
  limit(RLIMIT_FSIZE, 0, "files");
  limit(RLIMIT_NPROC, 0, "processes");
  filter_system_calls();
}

std::uint64_t mapped_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace punctum
