#pragma once

#include <list>
#include <string>

#include "inference/model/answering_network.hpp"

namespace punctum {

/// The most recently used embeddings, by name of what they show. One thread.
class EmbeddingCache {
 public:
  explicit EmbeddingCache(std::size_t capacity) : capacity_(capacity) {}

  /// @return nothing if it is not there; the pointer holds until the next call.
  const network::Embedding* find(const std::string& key);
  const network::Embedding& put(const std::string& key, network::Embedding embedding);

 private:
  struct Entry {
    std::string key;
    network::Embedding embedding;
  };
  std::size_t capacity_;
  std::list<Entry> entries_;  // most recently used first; a few dozen, so a walk is cheap
};

}  // namespace punctum
