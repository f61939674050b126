#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {

std::map<std::string, Run>& targets() {
  static std::map<std::string, Run> all;
  return all;
}

Registered::Registered(std::string_view name, Run run) { targets().emplace(name, run); }

}  // namespace punctum::fuzz
