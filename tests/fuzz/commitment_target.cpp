// Data sets of Storage Commitment, requests and reports. The first byte chooses the transfer syntax.
#include <array>

#include "dicom/net/commitment.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

constexpr std::array syntaxes{"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"};

void run(ByteView input) {
  if (input.empty()) return;
  const auto* const syntax = syntaxes[std::to_integer<unsigned>(input[0]) % syntaxes.size()];
  expecting_errors([&] {
    const auto commitment = decode_commitment(input.subspan(1), syntax);
    (void)encode_commitment(commitment, "1.2.840.10008.1.2.1");
  });
}

const Registered target("commitment", run);

}  // namespace
}  // namespace punctum::fuzz
