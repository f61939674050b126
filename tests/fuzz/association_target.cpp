// Whole byte streams from a stranger, from the first byte of the request on: lobby, DCMTK's negotiation, PDUs,
// commands.
#include <cstdlib>

#include "tests/fuzz/loopback_node.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView stream) {
  if (!LoopbackNode::instance().converse(stream)) std::abort();
}

const Registered target("association", run);

}  // namespace
}  // namespace punctum::fuzz
