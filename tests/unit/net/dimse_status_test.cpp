#include "dicom/net/dimse_status.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

template <typename Failure>
DimseStatus told(const Failure& failure, Operation operation = Operation::store) {
  return status_of(std::make_exception_ptr(failure), operation);
}

TEST(DimseStatus, TellsWhoCanDoSomethingAboutIt) {
  EXPECT_EQ(told(OutOfResources("disk")).code, 0xa700);
  EXPECT_EQ(told(StorageError("index")).code, 0xa700);
  EXPECT_EQ(told(IdentityConflict("bytes")).code, 0xa900);
  EXPECT_EQ(told(DicomError("parse")).code, 0xc000);
  EXPECT_EQ(told(DicomError("identifier"), Operation::query).code, 0xa900);
  EXPECT_EQ(told(StorageError("index"), Operation::query).code, 0xa700);
  EXPECT_EQ(told(ModelError("weights")).code, 0x0110);
}

TEST(DimseStatus, DoesNotQuoteForeignExceptions) {
  const auto status = told(std::runtime_error("DOE^JANE"));
  EXPECT_EQ(status.code, 0x0110);
  EXPECT_EQ(status.comment.find("DOE"), std::string::npos);
}

TEST(DimseStatus, CommentsFitIntoTheirElement) {
  const auto comment = error_comment("C:\\x\n" + std::string(100, 'a'));
  EXPECT_EQ(comment.size(), 64u);
  EXPECT_EQ(comment.substr(0, 6), "C:?x?a");
}

TEST(DimseStatus, LongCommentsLoseInstanceUidsBeforeTheReason) {
  const std::string uid = "1.3.6.1.4.1.14519.5.2.1.1600.1201.100438251234567890";
  EXPECT_EQ(error_comment("cannot store instance " + uid + ": other bytes are stored under it"),
            "cannot store instance *: other bytes are stored under it");
  EXPECT_EQ(error_comment("peer refuses 1.2.840.10008.5.1.4.1.1.2 in 1.2.840.10008.1.2.5"),
            "peer refuses 1.2.840.10008.5.1.4.1.1.2 in 1.2.840.10008.1.2.5");
}

TEST(DimseStatus, TellsWarningsFromFailures) {
  EXPECT_TRUE(status::is_success_or_warning(0x0000));
  EXPECT_TRUE(status::is_success_or_warning(0xb007));
  EXPECT_FALSE(status::is_success_or_warning(0xa700));
  EXPECT_TRUE(status::is_transient(0xa7ff));
  EXPECT_FALSE(status::is_transient(0xc123));
  EXPECT_FALSE(status::is_transient(0x0122));
}

}  // namespace
}  // namespace punctum
