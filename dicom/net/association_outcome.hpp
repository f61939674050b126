#pragma once

#include "dicom/net/association.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/error.hpp"

namespace punctum {

/// Requests an association and does something on it; whatever happens to the association becomes an outcome.
/// @param action takes the association, releases it and returns the outcome if all went well.
template <typename Action>
SendOutcome outcome_on(const AssociationRequest& request, Action action) {
  using Kind = SendOutcome::Kind;
  try {
    auto association = Association::request(request);
    return action(association);
  } catch (const AssociationRejected& error) {
    return {error.permanent ? Kind::permanent : Kind::transient, 0, error.what()};
  } catch (const Error& error) {
    return {Kind::transient, 0, error.what()};
  } catch (const ReleaseRequested&) {
    return {Kind::transient, 0, "the peer ended the association"};
  }
}

}  // namespace punctum
