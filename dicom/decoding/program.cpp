#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <iostream>

#include "dicom/dcmtk/runtime.hpp"
#include "dicom/decoding/confinement.hpp"
#include "dicom/decoding/serve.hpp"

/// punctum-decode: the process in which the node has foreign pixels unpacked. Its standard input is a socket.
int main() {
  using namespace punctum;
  int kind = 0;
  socklen_t size = sizeof kind;
  if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &kind, &size) != 0) {
    std::cerr << "punctum-decode is started by `punctum serve` and is of no use alone\n";
    return 2;
  }
  try {
    const DcmtkRuntime dcmtk;  // its messages are dropped, since they may quote attribute values
    const auto mapped = mapped_bytes();
    confine_this_process();
    serve_tasks(STDIN_FILENO, mapped, perform);
    _exit(0);  // a decoder that ran out of memory may have left anything behind
  } catch (const std::exception& error) {
    std::cerr << "punctum-decode: " << error.what() << "\n";
    _exit(1);
  }
}
