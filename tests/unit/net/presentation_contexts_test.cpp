#include "dicom/net/presentation_contexts.hpp"

#include <gtest/gtest.h>

#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

const std::string implicit(transfer_syntax::implicit_vr_little_endian);
const std::string plain(transfer_syntax::explicit_vr_little_endian);
const std::string jpeg2000 = "1.2.840.10008.1.2.4.91";  // may have lost something

std::optional<std::string> accepted(std::string_view sop_class, std::vector<std::string> syntaxes) {
  return answer({1, std::string(sop_class), std::move(syntaxes), false}).transfer_syntax;
}

Retrievable object_of(std::string_view sop_class, const std::string& syntax) {
  return {{Uid::random(), Uid::random(), Uid::random(), Uid::require(sop_class)}, Uid::require(syntax), 0, 0, {}};
}

TEST(PresentationContexts, TakesTheFirstSyntaxThatIsKnown) {
  EXPECT_EQ(accepted(sop_class::ct_image_storage, {"1.2.3.4.5", jpeg2000, implicit}), jpeg2000);
  EXPECT_EQ(accepted(sop_class::ct_image_storage, {"1.2.3.4.5"}), std::nullopt);
}

TEST(PresentationContexts, PrefersExplicitForSegmentationAndReport) {
  EXPECT_EQ(accepted(sop_class::segmentation_storage, {implicit, plain}), plain);
  EXPECT_EQ(accepted(sop_class::comprehensive_3d_sr_storage, {implicit, plain}), plain);
  EXPECT_EQ(accepted(sop_class::segmentation_storage, {implicit}), implicit);
  EXPECT_EQ(accepted(sop_class::ct_image_storage, {implicit, plain}), implicit);
}

TEST(PresentationContexts, PrefersPlainObjectsForWhoGetsThem) {
  const auto for_get = [](std::vector<std::string> syntaxes) {
    return answer({1, std::string(sop_class::ct_image_storage), std::move(syntaxes), true}).transfer_syntax;
  };
  EXPECT_EQ(for_get({jpeg2000, implicit, plain}), plain);
  EXPECT_EQ(for_get({jpeg2000, implicit}), implicit);
  EXPECT_EQ(for_get({jpeg2000}), jpeg2000);
}

TEST(PresentationContexts, StoresPrivateAndFutureClassesButOffersNoForeignService) {
  EXPECT_TRUE(is_storage_class("1.3.12.2.1107.5.9.1"));             // Siemens CSA
  EXPECT_TRUE(is_storage_class("1.2.840.10008.5.1.4.1.1.999.7"));   // not invented yet
  EXPECT_TRUE(is_storage_class("1.2.840.10008.5.1.4.43.1"));        // implant template
  EXPECT_FALSE(is_storage_class("1.2.840.10008.5.1.4.31"));         // modality worklist
  EXPECT_FALSE(is_storage_class("1.2.840.10008.1.20.1"));           // storage commitment
  EXPECT_FALSE(is_storage_class("1.2.840.10008.5.1.4.1.1.201.2"));  // inventory query
  EXPECT_FALSE(is_storage_class("../../etc/passwd"));
  EXPECT_EQ(answer({1, "1.2.840.10008.1.20.1", {implicit}, false}).refusal, ContextRefusal::abstract_syntax);
}

TEST(PresentationContexts, QueriesUseUncompressedSyntaxesOnly) {
  EXPECT_EQ(accepted(sop_class::study_root_find, {jpeg2000, implicit}), implicit);
  EXPECT_EQ(accepted(sop_class::study_root_find, {jpeg2000}), std::nullopt);
}

TEST(PresentationContexts, PlansOneAssociationForWhatFits) {
  const auto plans =
      plan_sending({object_of(sop_class::ct_image_storage, plain), object_of(sop_class::ct_image_storage, plain),
                    object_of(sop_class::segmentation_storage, jpeg2000)});
  ASSERT_EQ(plans.size(), 1u);
  ASSERT_EQ(plans[0].contexts.size(), 3u) << "a context for each syntax, so that the peer has nothing to choose";
  EXPECT_EQ(plans[0].contexts[0].transfer_syntaxes, std::vector{plain});
  EXPECT_EQ(plans[0].contexts[1].transfer_syntaxes, std::vector{implicit});
  EXPECT_EQ(plans[0].contexts[2].transfer_syntaxes, std::vector{jpeg2000});
  EXPECT_EQ(plans[0].contexts[2].id, 5);
}

TEST(PresentationContexts, SplitsWhatNeedsMoreThan128Contexts) {
  std::vector<Retrievable> objects;
  for (int i = 0; i < 300; ++i) objects.push_back(object_of("1.2.3." + std::to_string(i + 1), plain));
  const auto plans = plan_sending(objects);
  ASSERT_EQ(plans.size(), 5u);
  std::size_t planned = 0;
  for (const auto& plan : plans) {
    EXPECT_LE(plan.contexts.size(), largest_context_count);
    planned += plan.objects.size();
  }
  EXPECT_EQ(planned, objects.size());
  EXPECT_EQ(plans[0].contexts.back().id, 255);
}

TEST(PresentationContexts, SendsInTheStoredSyntaxIfItCan) {
  const std::string ct(sop_class::ct_image_storage);
  const std::vector<PresentationContext> contexts = {
      {1, ct, plain, true}, {3, ct, implicit, true}, {5, ct, jpeg2000, false}};
  EXPECT_EQ(context_for(contexts, object_of(ct, implicit), false)->id, 3);
  EXPECT_EQ(context_for(contexts, object_of(ct, "1.2.840.10008.1.2.2"), false)->id, 1);
  EXPECT_EQ(context_for(contexts, object_of(ct, jpeg2000), false)->id, 5);
  EXPECT_EQ(context_for(contexts, object_of(ct, jpeg2000), /*peer_must_be_scp=*/true), nullptr);
  EXPECT_EQ(context_for(contexts, object_of(ct, "1.2.840.10008.1.2.5"), false)->id, 1) << "RLE can be unpacked";
  EXPECT_EQ(context_for(contexts, object_of(ct, "1.2.840.10008.1.2.4.90"), false)->id, 1)
      << "so can lossless JPEG 2000";
  EXPECT_EQ(context_for(contexts, object_of(ct, "1.2.840.10008.1.2.4.50"), false), nullptr) << "JPEG is kept";
}

}  // namespace
}  // namespace punctum
