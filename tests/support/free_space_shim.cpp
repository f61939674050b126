// A disk that is as full as a test says, as a library to preload (LD_PRELOAD) into the program under test: the file
// named by PUNCTUM_SHIM_FREE holds how many MiB of any disk are free. Without the file the real answer stands.
#include <dlfcn.h>
#include <sys/statvfs.h>

#include <cstdlib>
#include <fstream>

extern "C" int statvfs(const char* path, struct statvfs* found) noexcept {
  const auto real = reinterpret_cast<decltype(&statvfs)>(dlsym(RTLD_NEXT, "statvfs"));
  const int result = real(path, found);
  const char* told = std::getenv("PUNCTUM_SHIM_FREE");
  unsigned long mib = 0;
  if (result == 0 && told != nullptr && std::ifstream(told) >> mib) {
    found->f_bavail = found->f_bfree = (mib << 20) / found->f_frsize;
  }
  return result;
}

extern "C" int statvfs64(const char* path, struct statvfs64* found) noexcept {
  return statvfs(path, reinterpret_cast<struct statvfs*>(found));  // the same on a 64-bit machine
}
