#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "inference/model/answering_network.hpp"
#include "inference/preprocess/crop.hpp"
#include "inference/segmenter.hpp"

namespace punctum {

/// The network's last answer on one crop.
struct CropAnswer {
  CropGrid crop;
  std::vector<float> logits;  ///< size³; none from a network that gives no masks
  network::Prediction prediction;
};

/// What becomes the mask: the answer on the crop that holds the lesion, and a finer one of what the fine crop holds of
/// it.
struct LesionAnswer {
  CropAnswer whole;
  std::optional<CropAnswer> inside{};
};

/// One question: these clicks in this series, and the mask of the round before. Whoever answers, crops are chosen and
/// clicks are told in the same way. Job thread only.
class LesionQuestion {
 public:
  /// Encodes a crop, or remembers it.
  using Encode = std::function<network::Embedding(const CropGrid&)>;

  /// @param clicks at least one positive. @param previous may be null; an empty mask says nothing.
  /// @param mask_level taken from the network's logits, so that what is above 0 in an answer is lesion.
  /// @throws GeometryError for a click outside the series or a mask on another grid, Refusal without a positive click.
  LesionQuestion(const SeriesGeometry& geometry, const std::vector<VoxelClick>& clicks, const LesionMask* previous,
                 double mask_level = 0);

  /// The first positive click's place in the middle.
  CropGrid crop_at(double spacing_mm, int size) const;
  /// The finest crop that holds the positive clicks, and a coarser one where the lesion goes on beyond it, which is
  /// shown the fine mask; then the fine one is asked again with the coarse mask, for it shows the border better. A
  /// small lesion is looked at closer, if the network does so.
  /// @throws Refusal if no crop holds them.
  LesionAnswer ask(network::AnsweringNetwork& network, const Encode& encode);
  CropAnswer ask_on(network::AnsweringNetwork& network, const Encode& encode, const CropGrid& crop);

  /// The answer on the grid of the series: what the clicks belong to.
  LesionMask mask_of(LesionAnswer answer) const;
  double decode_ms() const { return decode_ms_; }

 private:
  struct PlacedClick {
    PatientPoint place;
    bool positive;
  };

  CropAnswer ask_on(network::AnsweringNetwork& network, const Encode& encode, const CropGrid& crop,
                    const LesionMask* previous);
  /// A small lesion is asked about once more in a crop that shows it larger; the mean of both answers stands, of
  /// masks and attributes alike: it is better than either.
  LesionAnswer look_closer(network::AnsweringNetwork& network, const Encode& encode, CropAnswer seen);
  /// At the finest spacing that the network knows, or halfway there (as a factor): where all that was marked lies well
  /// within.
  std::optional<CropGrid> closest_crop(const network::AnsweringNetwork& network, const CropAnswer& seen) const;
  std::vector<PatientPoint> positive_places() const;
  bool holds_positive_clicks(const CropGrid& crop) const;
  void hold_clicks(CropAnswer& answer) const;
  double reach_mm(const PlacedClick& click) const;

  const SeriesGeometry& geometry_;
  const std::vector<VoxelClick>& clicks_;
  const LesionMask* previous_;
  std::vector<PlacedClick> placed_;
  float mask_level_;
  double decode_ms_ = 0;
};

/// Of the finest crop in an answer. What a repeated click insists on is not in them.
VoxelProbabilities probabilities_of(const LesionAnswer& answer);

/// Probabilities of every attribute's labels. @param logits [1, 13], group after group. @param temperatures one a group
std::vector<AttributeFinding> findings_of(const torch::Tensor& logits, const std::vector<int>& groups,
                                          const std::vector<double>& temperatures);

}  // namespace punctum
