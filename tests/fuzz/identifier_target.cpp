// Query keys of C-FIND, C-MOVE and C-GET. The first byte chooses the transfer syntax.
#include "dicom/net/identifier.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView input) {
  if (input.empty()) return;
  const auto* const syntax = syntax_of(input[0]);
  expecting_errors([&] {
    const auto decoded = decode_identifier(input.subspan(1), syntax);
    (void)encode_match(decoded.keys, decoded.level, AeTitle::require("PUNCTUM"), "1.2.840.10008.1.2.1");
  });
}

const Registered target("identifier", run);

}  // namespace
}  // namespace punctum::fuzz
