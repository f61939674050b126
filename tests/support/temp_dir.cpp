#include "tests/support/temp_dir.hpp"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

namespace punctum::test {

TempDir::TempDir() {
  auto name = (std::filesystem::temp_directory_path() / "punctum-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // a test may have made the folder unreadable on purpose
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace punctum::test
