#pragma once

#include "tests/support/ct_slice_builder.hpp"

namespace punctum::test {

/// The same image in RLE Lossless (1.2.840.10008.1.2.5). @throws DicomError
Part10File packed(const TestSlice& slice);

}  // namespace punctum::test
