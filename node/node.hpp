#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "dicom/decoding/remote_decoder.hpp"
#include "inference/segmenter.hpp"
#include "node/runtime/clock.hpp"

namespace punctum {

/// The whole node: archive, ingest, query, jobs, pipeline, delivery, and the two servers. Composes the parts and gives
/// each what it needs; the parts do not know of each other beyond that.
class Node {
 public:
  /// Opens the archive, binds both ports and starts every thread (runtime/threads.hpp).
  /// @param segmenter handed to the job thread. @param decoders for foreign pixels; what they hold outlives the node.
  /// @throws StorageError, NetworkError
  Node(const Config& config, std::unique_ptr<Segmenter> segmenter, const Decoders& decoders,
       const Clock& clock = system_clock());
  ~Node();  ///< stops in reverse order: no new association, running ones get some seconds, the running job ends

  std::uint16_t dicom_port() const;
  std::uint16_t http_port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace punctum
