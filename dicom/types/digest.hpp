#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace punctum {

/// A digest as lower-case hexadecimal digits: 64 of SHA-256, 32 of XXH3 (dataset_hash).
struct Digest {
  std::string hex;
  auto operator<=>(const Digest&) const = default;
};

/// SHA-256 over bytes that arrive in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// The digest of everything so far; ends this object's use.
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string hexadecimal(std::span<const unsigned char> bytes);  ///< in lower case

Digest sha256(std::string_view text);
/// @throws StorageError if the file cannot be read.
Digest sha256_of_file(const std::filesystem::path& path);

}  // namespace punctum
