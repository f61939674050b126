// What a crop and a click cost: compact as it ships, base, and SAM-Med3D's network beside them, with one thread and
// with all. Untrained: what numbers the weights hold changes nothing.
//
//   network_bench [--rounds N]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "inference/model/lesion_network.hpp"
#include "inference/model/sammed3d.hpp"
#include "tests/benchmarks/stopwatch.hpp"

namespace {

using namespace punctum;
using namespace punctum::benchmark;
using namespace punctum::network;

struct Timed {
  double encode_ms = 0, click_ms = 0;  ///< medians
};

double median_ms(int rounds, const std::function<void()>& work) {
  std::vector<double> times;
  work();  // what is only done once is not what is measured
  for (int i = 0; i < rounds; ++i) {
    const Stopwatch watch;
    work();
    times.push_back(watch.read().wall_ms);
  }
  return percentile(times, 0.5);
}

Timed time_network(AnsweringNetwork& network, int channels, int rounds) {
  const torch::InferenceMode inference;
  const std::int64_t n = network.crop();
  const auto image = torch::randn({1, channels, n, n, n}), spacing = torch::full({1}, 1.5);
  const auto place = torch::full({1, 1, 3}, static_cast<double>(n) / 2), kind = torch::ones({1, 1}, torch::kLong);
  Timed timed;
  timed.encode_ms = median_ms(rounds, [&] { network.encode(image, spacing); });
  const auto embedding = network.encode(image, spacing);
  const auto first = network.decode(embedding, network.refine(embedding, place, kind, {}), {}).feedback;
  timed.click_ms =
      median_ms(rounds, [&] { network.decode(embedding, network.refine(embedding, place, kind, first), first); });
  return timed;
}

/// Floating-point operations a second of one large matrix product: what this machine could do.
double gflop_per_s() {
  const torch::InferenceMode inference;
  const auto a = torch::randn({2048, 2048}), b = torch::randn({2048, 2048});
  return 2 * 2048.0 * 2048.0 * 2048.0 / 1e6 / median_ms(5, [&] { torch::matmul(a, b); });
}

/// @param sam the peer's times, in the same run
void print(const char* name, const Timed& timed, const Timed& sam) {
  std::printf("%-12s %10.0f ms %10.1f ms %9.1f x %9.1f x\n", name, timed.encode_ms, timed.click_ms,
              sam.encode_ms / timed.encode_ms, sam.click_ms / timed.click_ms);
}

void time_all(int threads, int rounds) {
  at::set_num_threads(threads);
  std::printf("\n%d thread%s, %.0f GFLOP/s in a matrix product\n", threads, threads == 1 ? "" : "s", gflop_per_s());
  std::printf("%-12s %13s %13s %11s %11s\n", "", "encode", "click", "encode", "click");
  SamMed3dImpl sam(NetworkConfig::sammed3d());
  const auto theirs = time_network(sam, 1, std::max(1, rounds / 4));
  LesionNetworkImpl base(NetworkConfig::base());
  LesionNetworkImpl compact(NetworkConfig::compact());
  print("compact", time_network(compact, 2, 5 * rounds), theirs);
  print("base", time_network(base, 2, rounds), theirs);
  print("SAM-Med3D", theirs, theirs);
}

}  // namespace

int main(int argc, char** argv) {
  const bool given = argc == 3 && std::string_view(argv[1]) == "--rounds";
  if (argc != 1 && !given) {
    std::fprintf(stderr, "usage: network_bench [--rounds N]\n");
    return 2;
  }
  const int rounds = given ? std::max(1, std::atoi(argv[2])) : 5;
  at::globalContext().setFlushDenormal(true);
  std::printf("One crop encoded, one click answered; times as fast as SAM-Med3D's network of 128 voxels a side\n");
  time_all(1, rounds);
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  if (all > 1) time_all(all, rounds);
  return 0;
}
