#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum::test {

/// One case that `punctum phantom` wrote: CT, truth, and where to click.
struct PhantomCase {
  std::filesystem::path ct;
  SeriesGeometry geometry;
  nlohmann::json truth;  ///< truth.json
  Bytes truth_segmentation;

  static PhantomCase make(const std::filesystem::path& folder, std::uint64_t seed);
  static PhantomCase read(const std::filesystem::path& folder, std::uint64_t seed);  ///< that is there already
  std::string study() const { return geometry.slices().front().instance.study_instance_uid.str(); }
  std::size_t lesions() const { return truth.at("lesions").size(); }
  std::vector<std::size_t> lesions_of_at_least(double ml) const;
  PatientPoint click(std::size_t lesion) const;
  LesionMask mask(std::size_t lesion) const;
  Volume volume() const;
};

/// Writes the cases of that many seeds with one start of the program. @throws std::runtime_error
void make_phantoms(const std::filesystem::path& folder, std::uint64_t first_seed, int count);

/// "X,Y,Z", as --lps wants it.
std::string lps(const PatientPoint& point);

/// Dice similarity coefficient of two masks on one grid; 1 for two empty ones.
double dice(const LesionMask& a, const LesionMask& b);

/// The object of the study's newest series of a modality, found with findscu and fetched with getscu as it is stored.
/// @throws std::runtime_error with what they said.
Bytes fetch_only_object(const std::string& port, const std::string& study, const std::string& modality);

/// That instance of the study. @throws std::runtime_error
Bytes fetch_instance(const std::string& port, const std::string& study, const std::string& sop_instance_uid);

}  // namespace punctum::test
