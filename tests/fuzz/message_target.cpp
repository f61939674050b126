// Messages in PDUs with right lengths on an association that stands, so that mutations reach the services. The input is
// a list of pieces: one byte of flags, one of length, then that many bytes.
#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/loopback_node.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::fuzz {
namespace {

constexpr std::uint8_t command_flag = 1, last_flag = 2, raw_flag = 0x80;

void run(ByteView input) {
  auto stream = good_request();
  while (input.size() >= 2) {
    const auto flags = std::to_integer<std::uint8_t>(input[0]);
    const auto size = std::min<std::size_t>(std::to_integer<std::size_t>(input[1]), input.size() - 2);
    const auto piece = input.subspan(2, size);
    const auto context_id = static_cast<std::uint8_t>(flags >> 2 & 0x0f);
    const auto pdu = (flags & raw_flag) != 0
                         ? Bytes(piece.begin(), piece.end())
                         : test::p_data(context_id, (flags & command_flag) != 0, (flags & last_flag) != 0, piece);
    stream.insert(stream.end(), pdu.begin(), pdu.end());
    input = input.subspan(2 + size);
  }
  if (!LoopbackNode::instance().converse(stream)) std::abort();
}

const Registered target("message", run);

}  // namespace
}  // namespace punctum::fuzz
