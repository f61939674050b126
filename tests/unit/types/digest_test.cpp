#include "dicom/types/digest.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

TEST(Sha256, AgreesWithTheStandardsExample) {
  EXPECT_EQ(sha256("abc").hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesGiveTheSameAsTheWhole) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Sha256, AMissingFileIsAnError) { EXPECT_THROW(sha256_of_file("/nonexistent/file"), StorageError); }

}  // namespace
}  // namespace punctum
