#pragma once

#include <functional>
#include <string>

#include "dicom/dcmtk/jpeg_2000_codec.hpp"

namespace punctum {

/// What DCMTK keeps per process: dictionary, decoders, log, socket options. Make one first thing in main (and in the
/// main of tests that need decoders), before any thread starts; it must outlive every use of DCMTK.
class DcmtkRuntime {
 public:
  enum class Severity { debug, info, warning, error };
  using LogSink = std::function<void(Severity, const std::string& logger, const std::string& message)>;

  /// @param sink where DCMTK's own messages go; none: they are dropped, since they may quote attribute values.
  /// @throws DicomError if DCMTK has no data dictionary.
  explicit DcmtkRuntime(LogSink sink = {});
  ~DcmtkRuntime();
  DcmtkRuntime(const DcmtkRuntime&) = delete;
  DcmtkRuntime& operator=(const DcmtkRuntime&) = delete;

 private:
  Jpeg2000Registration jpeg_2000_;
};

}  // namespace punctum
