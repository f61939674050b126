// The command half of a message, and the request for an association before DCMTK sees it.
#include <cstdlib>

#include "dicom/net/associate_request.hpp"
#include "dicom/net/command_set.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void run(ByteView input) {
  expecting_errors([&] { guard_associate_request(input); });
  expecting_errors([&] {
    const auto command = CommandSet::parse(input);
    const auto again = CommandSet::parse(command.encode());
    if (again.field() != command.field() || again.has_data_set() != command.has_data_set()) std::abort();
    for (const unsigned element : {0x0002u, 0x0003u, 0x0110u, 0x0600u, 0x0902u, 0x1000u, 0x1030u}) {
      (void)command.text(static_cast<std::uint16_t>(element));
      (void)command.number(static_cast<std::uint16_t>(element));
    }
  });
}

const Registered target("command", run);

}  // namespace
}  // namespace punctum::fuzz
