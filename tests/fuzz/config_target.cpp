// The configuration file.
#include "config/config.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView input) {
  expecting_errors([&] { (void)parse_config(text_of(input), "/nowhere"); });
}

const Registered target("config", run);

}  // namespace
}  // namespace punctum::fuzz
