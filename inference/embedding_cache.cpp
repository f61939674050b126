#include "inference/embedding_cache.hpp"

#include <algorithm>

namespace punctum {

const network::Embedding* EmbeddingCache::find(const std::string& key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return &entries_.front().embedding;
}

const network::Embedding& EmbeddingCache::put(const std::string& key, network::Embedding embedding) {
  entries_.push_front({key, std::move(embedding)});
  if (entries_.size() > std::max<std::size_t>(capacity_, 1)) entries_.pop_back();
  return entries_.front().embedding;
}

}  // namespace punctum
