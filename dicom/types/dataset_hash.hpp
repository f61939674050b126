#pragma once

#include <memory>
#include <variant>

#include "dicom/types/bytes.hpp"
#include "dicom/types/digest.hpp"

struct XXH3_state_s;  // xxHash's XXH3_state_t

namespace punctum {

/// XXH3 of 128 bits over bytes that arrive in pieces, ten times as fast as SHA-256. It finds every damage that happens;
/// somebody who wants it can make two data sets agree, so what must be the same is compared byte by byte as well. One
/// thread at a time.
class Xxh3 {
 public:
  Xxh3();
  void update(ByteView bytes);
  Digest finish();  ///< of everything so far; ends this object's use

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const noexcept;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// What the archive knows the bytes of a data set by: XXH3 for what comes now, SHA-256 for what earlier versions
/// stored. One thread at a time.
class DatasetHash {
 public:
  DatasetHash() = default;                  ///< as for what comes now
  explicit DatasetHash(const Digest& like)  ///< as this one was made, to compare with
      : hash_(is_sha256(like) ? Hash(Sha256()) : Hash(Xxh3())) {}
  void update(ByteView bytes) {
    std::visit([&](auto& hash) { hash.update(bytes); }, hash_);
  }
  Digest finish() {
    return std::visit([](auto& hash) { return hash.finish(); }, hash_);
  }

  static bool are_comparable(const Digest& one, const Digest& other) noexcept {
    return is_sha256(one) == is_sha256(other);
  }

 private:
  static bool is_sha256(const Digest& digest) noexcept { return digest.hex.size() == 64; }
  using Hash = std::variant<Xxh3, Sha256>;
  Hash hash_;
};

}  // namespace punctum
