#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace punctum {

/// Random numbers that follow from a name and a seed, on every machine: the standard library's hash of a string (here
/// FNV-1a) may differ from one to the next. Streams of one name and seed are apart.
inline std::mt19937_64 random_named(std::string_view name, std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return std::mt19937_64(hash ^ (seed * 1000003 + stream));
}

}  // namespace punctum
