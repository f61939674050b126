#pragma once

namespace punctum {

/// Teaches DCMTK to unpack JPEG 2000 (PS3.5 A.4.4), for as long as this lives: DCMTK itself has no codec for it. One in
/// a process.
class Jpeg2000Registration {
 public:
  Jpeg2000Registration();
  ~Jpeg2000Registration();
  Jpeg2000Registration(const Jpeg2000Registration&) = delete;
  Jpeg2000Registration& operator=(const Jpeg2000Registration&) = delete;
};

}  // namespace punctum
