#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>

#include <utility>

#include "dicom/net/association.hpp"
#include "dicom/net/dcmtk_transport.hpp"

namespace punctum {

/// What Association owns of DCMTK, in the order of its destruction.
struct Association::Handles {
  explicit Handles(ChannelLayer transport) : layer(std::move(transport)) {}
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (layer.channel()) layer.channel()->close();
    (void)ASC_destroyAssociation(&association);
    if (network != nullptr) (void)ASC_dropNetwork(&network);
  }
  Channel& channel() { return *layer.channel(); }

  ChannelLayer layer;
  T_ASC_Network* network = nullptr;
  T_ASC_Association* association = nullptr;
};

}  // namespace punctum
