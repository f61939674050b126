#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// All bytes of a data set as DCMTK's input. DCMTK takes the memory that a length asks for before it looks whether so
/// many bytes are there, but not for values that it leaves where they are: those it skips, and complains when the skip
/// falls short. So this stream offers to leave values that are longer than itself, which cannot be there.
/// The bytes must outlive it. One thread at a time.
class WholeStream final : public DcmInputBufferStream {
 public:
  explicit WholeStream(ByteView bytes);

  /// What to give to DCMTK as the longest value to be held in memory.
  Uint32 longest_value() const { return longest_value_; }

 private:
  DcmInputStreamFactory* newFactory() const override;  // owned by the element that asks, says DCMTK

  Uint32 longest_value_;
};

}  // namespace punctum
