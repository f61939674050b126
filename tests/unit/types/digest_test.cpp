#include "dicom/types/digest.hpp"

#include <gtest/gtest.h>

#include "dicom/types/dataset_hash.hpp"
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

ByteView view_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(DatasetHash, AgreesWithXxhsumsOwnCommand) {
  DatasetHash hash;
  hash.update(view_of("abc"));
  EXPECT_EQ(hash.finish().hex, "06b05ab6733a618578af5f94892f3950");  // printf abc | xxh128sum
}

TEST(DatasetHash, PiecesGiveTheSameAsTheWholeInEitherKind) {
  for (const Digest& like : {Digest{}, sha256("")}) {
    DatasetHash whole(like), pieces(like);
    whole.update(view_of("abc"));
    pieces.update(view_of("a"));
    pieces.update({});
    pieces.update(view_of("bc"));
    EXPECT_EQ(whole.finish(), pieces.finish());
  }
  DatasetHash earlier(sha256(""));
  earlier.update(view_of("abc"));
  EXPECT_EQ(earlier.finish(), sha256("abc"));
}

TEST(Sha256, AMissingFileIsAnError) { EXPECT_THROW(sha256_of_file("/nonexistent/file"), StorageError); }

}  // namespace
}  // namespace punctum
