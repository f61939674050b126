#include "dicom/types/dataset_hash.hpp"

#include <xxhash.h>

#include "dicom/types/error.hpp"

namespace punctum {

struct Xxh3::State {
  struct Free {
    void operator()(XXH3_state_t* raw) const noexcept { XXH3_freeState(raw); }
  };
  std::unique_ptr<XXH3_state_t, Free> raw{XXH3_createState()};
};

Xxh3::Xxh3() : state_(std::make_unique<State>()) {
  if (!state_->raw) throw OutOfResources("cannot start a digest: out of memory");
  XXH3_128bits_reset(state_->raw.get());
}
Xxh3::~Xxh3() = default;
Xxh3::Xxh3(Xxh3&&) noexcept = default;
Xxh3& Xxh3::operator=(Xxh3&&) noexcept = default;

void Xxh3::update(ByteView bytes) { XXH3_128bits_update(state_->raw.get(), bytes.data(), bytes.size()); }

Digest Xxh3::finish() {
  XXH128_canonical_t canonical{};
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->raw.get()));
  return {hexadecimal(canonical.digest)};
}

}  // namespace punctum
