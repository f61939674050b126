#include "dicom/types/dataset_hash.hpp"

#include <xxhash.h>

#include "dicom/types/error.hpp"

namespace punctum {

void Xxh3::Free::operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }

Xxh3::Xxh3() : state_(XXH3_createState()) {
  if (!state_) throw OutOfResources("cannot start a digest: out of memory");
  XXH3_128bits_reset(state_.get());
}

void Xxh3::update(ByteView bytes) { XXH3_128bits_update(state_.get(), bytes.data(), bytes.size()); }

Digest Xxh3::finish() {
  XXH128_canonical_t canonical{};
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
  return {hexadecimal(canonical.digest)};
}

}  // namespace punctum
