#include "dicom/net/extended_negotiation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ExtendedNegotiation, AgreesToRelationalQueriesAndCombinedDatesWhereAsked) {
  const auto both = answer_extended(sop_class::study_root_find, {1, 1});
  EXPECT_THAT(both->information, ElementsAre(1, 1));
  EXPECT_TRUE(both->options.relational && both->options.combined_date_time);
  const auto none = answer_extended(sop_class::patient_root_find, {0, 0});
  EXPECT_THAT(none->information, ElementsAre(0, 0));
  EXPECT_FALSE(none->options.relational || none->options.combined_date_time);
}

TEST(ExtendedNegotiation, AgreesToEmptyValuesWhereAsked) {
  const auto asked = answer_extended(sop_class::study_root_find, {0, 0, 0, 0, 0, 1, 0});
  EXPECT_THAT(asked->information, ElementsAre(0, 0, 0, 0, 0, 1, 0));
  EXPECT_TRUE(asked->options.empty_value);
}

TEST(ExtendedNegotiation, DeclinesWhatItDoesNotDoAndIsNeverLongerThanTheQuestion) {
  EXPECT_THAT(answer_extended(sop_class::study_root_find, {1})->information, ElementsAre(1));
  EXPECT_THAT(answer_extended(sop_class::study_root_find, {1, 1, 1, 1, 1, 1, 1})->information,
              ElementsAre(1, 1, 0, 0, 0, 1, 0));
  EXPECT_THAT(answer_extended(sop_class::study_root_find, {1, 1, 1, 1, 1, 1, 1, 1})->information, testing::SizeIs(7));
  EXPECT_THAT(answer_extended(sop_class::study_root_get, {1, 1})->information, ElementsAre(1, 0));
  EXPECT_THAT(answer_extended(sop_class::study_root_find, {2})->information, ElementsAre(0));
}

TEST(ExtendedNegotiation, SaysThatStorageKeepsEverything) {
  EXPECT_THAT(answer_extended(sop_class::ct_image_storage, {2, 0, 0, 0, 1, 0})->information,
              ElementsAre(2, 0, 3, 0, 0, 0));
}

TEST(ExtendedNegotiation, HasNothingToSayAboutTheRest) {
  EXPECT_FALSE(answer_extended(sop_class::verification, {1}).has_value());
  EXPECT_FALSE(answer_extended(sop_class::study_root_find, {}).has_value());
  EXPECT_FALSE(answer_extended(sop_class::ct_image_storage, {1}).has_value());
}

}  // namespace
}  // namespace punctum
