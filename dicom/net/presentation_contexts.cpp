#include "dicom/net/presentation_contexts.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/commitment.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::string_view dicom_root = "1.2.840.10008.";
constexpr std::string_view transfer_syntax_root = "1.2.840.10008.1.2.";
constexpr std::string_view storage_root = "1.2.840.10008.5.1.4.1.1.";
/// Query and retrieval of inventories, the only classes below the storage root that store nothing (PS3.4 B.5, YY).
constexpr std::array<std::string_view, 3> not_storage = {
    "1.2.840.10008.5.1.4.1.1.201.2", "1.2.840.10008.5.1.4.1.1.201.3", "1.2.840.10008.5.1.4.1.1.201.4"};
/// Composite objects whose classes lie elsewhere (PS3.4 B.5, GG): hanging protocols, colour palettes, implant
/// templates, RT delivery instructions, and the segmentation-like ones of the older trees that DCMTK does not list.
constexpr std::array<std::string_view, 9> storage_elsewhere = {
    "1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10", "1.2.840.10008.5.1.4.38.1",
    "1.2.840.10008.5.1.4.39.1", "1.2.840.10008.5.1.4.43.1",  "1.2.840.10008.5.1.4.44.1",
    "1.2.840.10008.5.1.4.45.1", "1.2.840.10008.5.1.1.29",    "1.2.840.10008.5.1.1.30"};

constexpr std::array<std::string_view, 6> query_retrieve = {sop_class::patient_root_find, sop_class::patient_root_move,
                                                            sop_class::patient_root_get,  sop_class::study_root_find,
                                                            sop_class::study_root_move,   sop_class::study_root_get};

/// The standard's syntaxes, also those younger than DCMTK: data sets are kept as they come, and every syntax beyond the
/// basic ones is Explicit VR Little Endian with encapsulated pixels (PS3.5 A.4). Private ones can be anything.
bool is_standard(std::string_view syntax) {
  return DcmXfer(std::string(syntax).c_str()).getXfer() != EXS_Unknown ||
         (syntax.starts_with(transfer_syntax_root) && Uid::parse(syntax).has_value());
}

bool better_explicit(std::string_view abstract_syntax) {
  return abstract_syntax == sop_class::segmentation_storage ||
         abstract_syntax.starts_with(sop_class::structured_reports);
}

template <typename Accepts>
ContextAnswer first_of(const ProposedContext& proposed, Accepts accepts) {
  const auto found = std::ranges::find_if(proposed.transfer_syntaxes, accepts);
  if (found == proposed.transfer_syntaxes.end()) return {std::nullopt, ContextRefusal::transfer_syntaxes};
  return {*found, {}};
}

bool is_little_endian_plain(std::string_view syntax) {
  return syntax == transfer_syntax::explicit_vr_little_endian || syntax == transfer_syntax::implicit_vr_little_endian;
}

bool is_transcodable(std::string_view stored) {
  return transfer_syntax::is_uncompressed(stored) || is_losslessly_decodable(stored);
}

/// The lists of transfer syntaxes to propose for objects stored in this one; one context for each list.
std::vector<std::vector<std::string>> proposals(std::string_view stored) {
  const std::string is_explicit(transfer_syntax::explicit_vr_little_endian);
  const std::string is_implicit(transfer_syntax::implicit_vr_little_endian);
  if (stored == is_explicit) return {{is_explicit}, {is_implicit}};
  if (stored == is_implicit) return {{is_implicit}, {is_explicit}};
  if (!is_transcodable(stored)) return {{std::string(stored)}};
  return {{std::string(stored)}, {is_explicit}, {is_implicit}};
}

using ContextKey = std::pair<std::string, std::vector<std::string>>;

std::vector<ContextKey> contexts_needed(const Retrievable& object) {
  std::vector<ContextKey> keys;
  for (auto& list : proposals(object.transfer_syntax_uid.str())) {
    keys.emplace_back(object.name.sop_class_uid.str(), std::move(list));
  }
  return keys;
}

}  // namespace

bool is_storage_class(std::string_view abstract_syntax) {
  if (!abstract_syntax.starts_with(dicom_root)) return Uid::parse(abstract_syntax).has_value();
  if (abstract_syntax.starts_with(storage_root))
    return std::ranges::find(not_storage, abstract_syntax) == not_storage.end();
  if (std::ranges::find(storage_elsewhere, abstract_syntax) != storage_elsewhere.end()) return true;
  return std::any_of(dcmAllStorageSOPClassUIDs, dcmAllStorageSOPClassUIDs + numberOfDcmAllStorageSOPClassUIDs,
                     [&](const char* uid) { return uid != nullptr && abstract_syntax == uid; });
}

ContextAnswer answer(const ProposedContext& proposed) {
  const auto& wanted = proposed.abstract_syntax;
  if (wanted == sop_class::verification || wanted == sop_class::storage_commitment_push ||
      std::ranges::find(query_retrieve, wanted) != query_retrieve.end()) {
    return first_of(proposed, [](const std::string& syntax) {
      return is_little_endian_plain(syntax) || syntax == transfer_syntax::explicit_vr_big_endian;
    });
  }
  if (!is_storage_class(wanted)) return {};
  if (better_explicit(wanted) || proposed.proposer_is_scp) {
    auto chosen = first_of(
        proposed, [](const std::string& syntax) { return syntax == transfer_syntax::explicit_vr_little_endian; });
    if (chosen.transfer_syntax) return chosen;
  }
  // Who gets objects on this association (C-GET) gets plain ones: nothing here packs those that are stored plain.
  if (proposed.proposer_is_scp) {
    auto chosen = first_of(proposed, is_little_endian_plain);
    if (chosen.transfer_syntax) return chosen;
  }
  return first_of(proposed, is_standard);
}

std::vector<SendPlan> plan_sending(const std::vector<Retrievable>& objects) {
  std::vector<SendPlan> plans;
  std::map<ContextKey, std::uint8_t> taken;  // of the last plan
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto keys = contexts_needed(objects[i]);
    const auto missing = static_cast<std::size_t>(
        std::ranges::count_if(keys, [&](const ContextKey& key) { return !taken.contains(key); }));
    if (plans.empty() || taken.size() + missing > largest_context_count) {
      plans.emplace_back();
      taken.clear();
    }
    auto& plan = plans.back();
    for (const auto& key : keys) {
      if (taken.contains(key)) continue;
      const auto id = static_cast<std::uint8_t>(2 * taken.size() + 1);
      taken.emplace(key, id);
      plan.contexts.push_back({id, key.first, key.second, false});
    }
    plan.objects.push_back(i);
  }
  return plans;
}

const PresentationContext* context_for(const std::vector<PresentationContext>& contexts, const Retrievable& object,
                                       bool peer_must_be_scp) {
  const auto& sop_class = object.name.sop_class_uid.str();
  const auto& stored = object.transfer_syntax_uid.str();
  const PresentationContext* convertible = nullptr;
  for (const auto& context : contexts) {
    if (context.abstract_syntax != sop_class || (peer_must_be_scp && !context.peer_is_scp)) continue;
    if (context.transfer_syntax == stored) return &context;
    if (!is_transcodable(stored) || !is_little_endian_plain(context.transfer_syntax)) continue;
    const bool is_explicit = context.transfer_syntax == transfer_syntax::explicit_vr_little_endian;
    if (convertible == nullptr || is_explicit) convertible = &context;
  }
  return convertible;
}

}  // namespace punctum
