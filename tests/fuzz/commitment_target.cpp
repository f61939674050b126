// Data sets of Storage Commitment, requests and reports. The first byte chooses the transfer syntax.
#include "dicom/net/commitment.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView input) {
  if (input.empty()) return;
  const auto* const syntax = syntax_of(input[0]);
  expecting_errors([&] {
    const auto commitment = decode_commitment(input.subspan(1), syntax);
    (void)encode_commitment(commitment, "1.2.840.10008.1.2.1");
  });
}

const Registered target("commitment", run);

}  // namespace
}  // namespace punctum::fuzz
