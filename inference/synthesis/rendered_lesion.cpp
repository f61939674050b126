#include "inference/synthesis/rendered_lesion.hpp"

#include <cmath>

#include "inference/measure/lesion_form.hpp"
#include "inference/phantom/lesion_tissue.hpp"
#include "inference/synthesis/placement.hpp"

namespace punctum::synthesis {
namespace {

using phantom::LesionForm;
using phantom::Random;
using phantom::ShapeKind;
using phantom::Survey;
using phantom::Traits;

constexpr double least_mm3 = 32;  // a lesion of fewer voxels is lost in a crop

/// What the phantom's traits ask of a scanner, read off the real one.
phantom::Acquisition acquisition_of(const Background& background) {
  phantom::Acquisition a;
  const auto& g = background.volume().geometry;
  a.pixel_mm = g.column_spacing_mm();
  a.slice_mm = g.slice_spacing_mm();
  a.noise_hu = std::clamp(background.noise().hu, 5.0, 25.0);
  return a;
}

struct Form {
  phantom::ShapePtr solid;
  Survey survey;
  int shape = -1, surface = -1;
};

/// Label of a form that nobody drawn to a plan; -1 where it is neither the one nor the other.
int measured_shape(const Survey& survey) {
  if (survey.extent_mm <= longest_punctate_mm) return static_cast<int>(ShapeKind::punctate);
  if (survey.sphericity() >= 0.85) return static_cast<int>(ShapeKind::round);
  if (survey.sphericity() <= 0.75) return static_cast<int>(ShapeKind::irregular);
  return -1;
}

std::optional<Form> real_form(const ShapeLibrary& library, const Traits& traits, Random& random) {
  for (int trial = 0; trial < 5; ++trial) {
    const auto drawn = library.draw(traits.diameter_mm, random);
    Form form{drawn.solid, phantom::survey(*drawn.solid), -1, drawn.surface};
    if (form.survey.inside.size() < 60 || form.survey.surface.empty()) continue;
    const int measured = measured_shape(form.survey);
    // People's word counts where there is one, unless the form contradicts it.
    form.shape = drawn.shape >= 0 && measured >= 0 && measured != drawn.shape && measured != 3 ? -1
                 : measured == 3 || drawn.shape < 0                                            ? measured
                                                                                               : drawn.shape;
    if (form.shape < 0 ? random.chance(0.3) : form.shape == static_cast<int>(traits.shape)) return form;
  }
  return {};
}

std::optional<Form> drawn_form(const Traits& traits, Random& random) {
  const LesionForm form = phantom::draw_form(traits, random);
  Survey survey = phantom::survey(*form.shape);
  if (!form_agrees(traits, form, survey)) return {};
  return Form{form.shape, std::move(survey), static_cast<int>(traits.shape), -1};
}

double draw_edge(const Traits& traits, const Survey& form, Random& random) {
  if (!traits.ill_defined) return random.uniform(0.4, 1.5);
  return random.uniform(5.2, std::clamp(1.3 * form.deepest_mm, 5.6, 11.0));
}

/// Mean HU of the lesion: solid or ground glass in lung, solid in fat, lytic or dense in bone.
double draw_mean(const Traits& traits, const Placement& place, double ring_hu, double least, Random& random) {
  switch (place.surroundings.host()) {
    case TissueClass::lung:
      return random.chance(0.3) ? ring_hu + random.uniform(220, 450) : random.uniform(-10, 95);
    case TissueClass::fat:
      return random.uniform(-10, 95);
    case TissueClass::bone:
      return traits.density == 0 ? std::min(random.uniform(10, 90), ring_hu - 60) : ring_hu + random.uniform(150, 500);
    default:
      break;
  }
  if (traits.density == 1) return ring_hu + random.uniform(-8, 8);
  const double low = std::max(25.0, least), most = std::max(traits.density == 0 ? 100.0 : 150.0, low + 20);
  return ring_hu + (traits.density == 0 ? -1 : 1) * random.uniform(low, most);
}

/// A cyst is a type that is never trained: its density is left to the evaluation.
bool like_a_cyst(const Traits& traits, double mean) {
  return traits.shape == ShapeKind::round && traits.density == 0 && !traits.heterogeneous && !traits.ill_defined &&
         mean > -8 && mean < 28;
}

std::shared_ptr<const phantom::LesionTissue> draw_tissue(const Traits& traits, const Survey& survey, double mean,
                                                         double noise, Random& random) {
  const bool needs_rim = traits.density == 1 && !traits.heterogeneous;
  for (int trial = 0; trial < 8; ++trial) {
    const double rim = needs_rim ? (random.chance(0.5) ? 1 : -1) * random.uniform(35, 70) : 0;
    const phantom::LesionTissue::Look look{mean, rim, noise};
    auto tissue = std::make_shared<const phantom::LesionTissue>(traits, survey, look, random);
    if (tissue_agrees(traits, *tissue, survey)) return tissue;
  }
  return nullptr;
}

std::optional<RenderedLesion> furnish(const Background& background, const Traits& traits, const Form& form,
                                      const Placement& place, Random& random) {
  const double ring = place.surroundings.ring_hu(*place.shape);
  if (std::isnan(ring)) return {};
  phantom::Acquisition scanner = acquisition_of(background);
  const double local =
      SeriesBlock(background.volume(), place.shape->bounds().grown(10)).noise_about(*place.shape, background.noise());
  scanner.noise_hu = std::clamp(local, 5.0, 28.0);
  if (traits.density == 1 && !traits.heterogeneous && local > 20) return {};  // no rim would show
  if (place.survey.volume_mm3 < least_mm3) return {};
  const double least = phantom::visible_contrast(traits.diameter_mm, scanner);
  const double mean = draw_mean(traits, place, ring, least, random);
  if (like_a_cyst(traits, mean)) return {};
  const auto tissue = draw_tissue(traits, place.survey, mean, scanner.noise_hu, random);
  if (!tissue) return {};

  RenderedLesion lesion;
  lesion.coat.shape = place.shape;
  lesion.coat.tissue = tissue;
  lesion.coat.edge_mm = draw_edge(traits, place.survey, random);
  if (traits.ill_defined) {
    lesion.coat.fringe_mm = std::min(random.uniform(0.8, 2.0), 0.2 * place.survey.deepest_mm);
    lesion.coat.fringe_field = phantom::NoiseField(random.bits(), 3);
  }
  lesion.coat.psf_mm = random.uniform(0.45, 0.75);
  const double replaced = place.surroundings.mean_hu(place.survey);
  const bool ground_glass = place.surroundings.host() == TissueClass::lung && mean < -250;
  const bool alone = place.contact.within < 0.02 && place.surroundings.host() != TissueClass::bone &&
                     place.surroundings.host() != TissueClass::lung;
  lesion.coat.see_through = ground_glass || (alone && random.chance(0.7));
  lesion.coat.host_hu = replaced;
  lesion.coat.noise_hu = local;
  lesion.coat.noise_seed = random.bits();

  lesion.centre = place.survey.deepest;
  for (const auto& p : place.survey.surface) lesion.reach_mm = std::max(lesion.reach_mm, length(p - lesion.centre));
  lesion.reach_mm += place.survey.step_mm;
  lesion.survey = place.survey;
  lesion.ring_hu = ring;
  lesion.labels = traits.labels();
  lesion.labels[0] = place.cut_off ? measured_shape(place.survey) : form.shape;
  // A border that the lesion shares with bone or air is sharp, whatever its own edge is like.
  if (traits.ill_defined && place.contact.share > 0.4 && place.cut_off) lesion.labels[3] = -1;
  lesion.labels[4] = place.contact.invasion();
  return lesion;
}

Traits draw_solid_traits(const Background& background, const LesionWish& wish, Random& random) {
  phantom::SceneRequest request;
  request.sizes = wish.sizes;
  for (;;) {
    const Traits traits = phantom::draw_traits(request, acquisition_of(background), random);
    if (traits.shape != ShapeKind::wall) return traits;
  }
}

}  // namespace

std::optional<RenderedLesion> draw_lesion(const Background& background, const ShapeLibrary& library,
                                          const LesionWish& wish, Random& random) {
  Traits traits = draw_solid_traits(background, wish, random);
  const bool real = !library.empty() && random.chance(wish.real_share);
  for (int trial = 0; trial < 16; ++trial) {
    const auto form = real ? real_form(library, traits, random) : drawn_form(traits, random);
    if (form) {
      if (form->surface >= 0) traits.ill_defined = form->surface == 1;  // as people saw it
      if (const auto place = find_placement(background, traits, form->solid, form->survey, random)) {
        if (auto lesion = furnish(background, traits, *form, *place, random)) return lesion;
      }
    }
    if (trial % 3 == 2) traits.diameter_mm = std::max(wish.sizes.smallest_mm, phantom::smaller(traits));
  }
  return {};
}

bool image_agrees(const RenderedLesion& lesion, const SeriesBlock& painted) {
  const double difference = painted.mean_in(*lesion.coat.shape, 1) - lesion.ring_hu;
  // Gaps between the classes, so that noise does not decide.
  switch (lesion.labels[1]) {
    case 0:
      return difference < -15;
    case 1:
      return std::abs(difference) <= 12;
    default:
      return difference > 15;
  }
}

}  // namespace punctum::synthesis
