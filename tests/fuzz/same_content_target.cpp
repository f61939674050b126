// Two foreign files that say they are the same object. The first two bytes, little endian, are the length of the first.
#include <algorithm>

#include "node/ingest/same_content.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView input) {
  if (input.size() < 2) return;
  const auto length = std::to_integer<std::size_t>(input[0]) | std::to_integer<std::size_t>(input[1]) << 8;
  const auto files = input.subspan(2);
  const auto first = files.first(std::min(length, files.size()));
  expecting_errors([&] { (void)same_content(first, files.subspan(first.size())); });
}

const Registered target("same_content", run);

}  // namespace
}  // namespace punctum::fuzz
