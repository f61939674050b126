// What it costs to decode in another process: `decoding_bench FILE...` decodes every file 300 times here and by
// punctum-decode, in turns of 10, and prints milliseconds a slice: on the average, and of the best turn, which other
// work on the machine disturbed least.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/runtime.hpp"
#include "dicom/decoding/remote_decoder.hpp"

namespace {

using namespace punctum;

Bytes read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Of one slice, over all turns.
class Times {
 public:
  void add(double turn_ms, int slices) {
    const double one = turn_ms / slices;
    sum_ += one;
    best_ = turns_++ == 0 ? one : std::min(best_, one);
  }
  double mean() const { return sum_ / turns_; }
  double best() const { return best_; }

 private:
  double sum_ = 0, best_ = 0;
  int turns_ = 0;
};

void compare(const char* path, RemoteDecoder& remote) {
  constexpr int turns = 30, slices = 10;
  const auto file = read_file(path);
  const auto syntax = locate_dataset(file).transfer_syntax_uid;
  const auto decode = [&](const PixelDecoder& decoder) {
    for (int i = 0; i < slices; ++i) (void)read_hounsfield(file, decoder);
  };
  const auto remotely = remote.decoders().pixels;
  const double first = milliseconds([&] { (void)read_hounsfield(file, remotely); });
  Times here, there;
  for (int turn = 0; turn < turns; ++turn) {
    here.add(milliseconds([&] { decode(decode_pixels); }), slices);
    there.add(milliseconds([&] { decode(remotely); }), slices);
  }
  std::printf("%-24s %7zu bytes; here %7.2f, best %7.2f; worker %7.2f, best %7.2f; first %7.1f ms\n",
              syntax.str().c_str(), file.size(), here.mean(), here.best(), there.mean(), there.best(), first);
}

}  // namespace

int main(int argc, char** argv) {
  const DcmtkRuntime dcmtk;
  RemoteDecoder remote(DecodingOptions{.program = PUNCTUM_DECODE});
  for (int i = 1; i < argc; ++i) compare(argv[i], remote);
  return 0;
}
