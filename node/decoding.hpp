#pragma once

#include "config/config.hpp"
#include "dicom/decoding/remote_decoder.hpp"

namespace punctum {

/// How many slices are decoded at a time: one a thread of the configuration, or one a core.
int decoding_threads(const InferenceConfig& inference);

/// How `punctum serve` has foreign pixels decoded: by punctum-decode, which lies beside the running program; failures
/// go to the log. @throws ConfigError if it does not lie there.
DecodingOptions decoding_options(const Config& config);

}  // namespace punctum
