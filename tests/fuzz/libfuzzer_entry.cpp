// The door of libFuzzer; every program has exactly one target.
#include <cstdint>
#include <span>

#include "dicom/dcmtk/runtime.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const punctum::DcmtkRuntime runtime;
  static const auto run = punctum::fuzz::targets().begin()->second;
  run(std::as_bytes(std::span(data, size)));
  return 0;
}
