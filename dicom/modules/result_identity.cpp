#include "dicom/modules/result_identity.hpp"

#include "dicom/modules/own_text.hpp"

namespace punctum {

ResultUids result_uids(const ResultIdentity& identity) {
  auto origin = identity.presentation_state.sop_instance_uid.str() + "|" + identity.lesion.tracking_uid.str() + "|" +
                identity.model_digest.hex;
  if (identity.source_series_uid) origin += "|" + identity.source_series_uid->str();
  const auto uid = [&](const char* what) { return Uid::derived_from("punctum|" + std::string(what) + "|" + origin); };
  return {uid("SEG instance"), uid("SEG series"), uid("SR instance"), uid("SR series")};
}

std::string result_description(const ResultIdentity& identity) {
  const auto ending = ", round " + std::to_string(identity.round);
  const auto label = OwnText(/*utf8=*/true).line(identity.lesion.tracking_id, 64 - ending.size());
  return (label.empty() ? "Lesion" : label) + ending;
}

std::string algorithm_parameters(const ResultIdentity& identity) {
  const auto digest = "weights sha256:" + identity.model_digest.hex;
  return identity.algorithm_parameters.empty() ? digest : identity.algorithm_parameters + "; " + digest;
}

}  // namespace punctum
