// Verification as user: verify_peer AET@HOST:PORT. Ends with 0 if the peer answers a C-ECHO with success.
#include <exception>
#include <iostream>

#include "dicom/net/store_scu.hpp"

int main(int argc, char** argv) {
  try {
    const auto peer = argc == 2 ? punctum::Peer::parse(argv[1]) : std::nullopt;
    if (!peer) {
      std::cerr << "verify_peer: expected AET@HOST:PORT\n";
      return 2;
    }
    punctum::verify(*peer, {});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
