#include "tests/system/phantom_case.hpp"

#include <fstream>
#include <optional>
#include <stdexcept>

#include "dicom/ct/volume_assembler.hpp"
#include "dicom/seg/seg_reader.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"

namespace punctum::test {
namespace {

std::vector<CtSliceHeader> headers_of(const std::vector<Bytes>& files) {
  std::vector<CtSliceHeader> out;
  for (const auto& file : files) out.push_back(read_ct_slice_header(file));
  return out;
}

/// Series Instance UIDs as findscu prints them.
std::vector<std::string> series_of(const std::string& port, const std::string& study, const std::string& modality) {
  const auto found = run_program({"findscu", "-S", "-aec", "PUNCTUM", "-k", "QueryRetrieveLevel=SERIES", "-k",
                                  "StudyInstanceUID=" + study, "-k", "Modality=" + modality, "-k", "SeriesInstanceUID",
                                  "127.0.0.1", port});
  std::vector<std::string> out;
  const std::string mark = "(0020,000e) UI [";
  for (auto at = found.output.find(mark); at != std::string::npos; at = found.output.find(mark, at + 1)) {
    const auto begin = at + mark.size();
    const auto uid = found.output.substr(begin, found.output.find_first_not_of("0123456789.", begin) - begin);
    if (!uid.empty()) out.push_back(uid);
  }
  return out;
}

/// The one file that getscu brings for these keys.
std::optional<Bytes> fetch(const std::string& port, const std::vector<std::string>& keys) {
  const TempDir folder;
  std::vector<std::string> command{"getscu", "-S", "+B", "-aec", "PUNCTUM", "-od", folder.path().string()};
  for (const auto& key : keys) command.insert(command.end(), {"-k", key});
  command.insert(command.end(), {"127.0.0.1", port});
  run_program(command);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) return read_file(entry.path());
  return {};
}

}  // namespace

void make_phantoms(const std::filesystem::path& folder, std::uint64_t first_seed, int count) {
  const auto made = punctum(
      {"phantom", "--out", folder.string(), "--seed", std::to_string(first_seed), "--count", std::to_string(count)});
  if (made.exit_code != 0) throw std::runtime_error("punctum phantom failed: " + made.output);
}

PhantomCase PhantomCase::make(const std::filesystem::path& folder, std::uint64_t seed) {
  make_phantoms(folder, seed, 1);
  return read(folder, seed);
}

PhantomCase PhantomCase::read(const std::filesystem::path& folder, std::uint64_t seed) {
  const auto here = folder / ("case-" + std::to_string(seed));
  auto plan = plan_volume(headers_of(read_dicom_files(here / "ct")), {});
  return {here / "ct", std::move(plan.geometry), nlohmann::json::parse(std::ifstream(here / "truth.json")),
          read_file(here / "truth.dcm")};
}

std::vector<std::size_t> PhantomCase::lesions_of_at_least(double ml) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < lesions(); ++i) {
    if (truth.at("lesions").at(i).at("ml").get<double>() >= ml) out.push_back(i);
  }
  return out;
}

PatientPoint PhantomCase::click(std::size_t lesion) const {
  const auto& place = truth.at("lesions").at(lesion).at("click_lps_mm");
  return {place.at(0), place.at(1), place.at(2)};
}

LesionMask PhantomCase::mask(std::size_t lesion) const {
  return read_segment(truth_segmentation, truth.at("lesions").at(lesion).at("segment"), geometry);
}

Volume PhantomCase::volume() const {
  const auto files = read_dicom_files(ct);
  const auto plan = plan_volume(headers_of(files), {});
  return assemble_volume(plan, [&](std::size_t i) { return files[i]; });
}

std::string lps(const PatientPoint& point) {
  return std::to_string(point.x) + "," + std::to_string(point.y) + "," + std::to_string(point.z);
}

double dice(const LesionMask& a, const LesionMask& b) {
  std::size_t both = 0;
  for (std::size_t i = 0; i < a.voxels.size(); ++i) both += a.voxels[i] & b.voxels.at(i);
  const auto total = a.count() + b.count();
  return total == 0 ? 1 : 2.0 * static_cast<double>(both) / static_cast<double>(total);
}

Bytes fetch_instance(const std::string& port, const std::string& study, const std::string& sop_instance_uid) {
  for (const auto& series : series_of(port, study, "")) {
    if (auto file = fetch(port, {"QueryRetrieveLevel=IMAGE", "StudyInstanceUID=" + study, "SeriesInstanceUID=" + series,
                                 "SOPInstanceUID=" + sop_instance_uid})) {
      return *file;
    }
  }
  throw std::runtime_error("no series of the study has instance " + sop_instance_uid);
}

Bytes fetch_only_object(const std::string& port, const std::string& study, const std::string& modality) {
  const auto series = series_of(port, study, modality);
  if (series.size() != 1) throw std::runtime_error(std::to_string(series.size()) + " series of modality " + modality);
  auto file = fetch(port, {"QueryRetrieveLevel=SERIES", "StudyInstanceUID=" + study, "SeriesInstanceUID=" + series[0]});
  if (!file) throw std::runtime_error("getscu brought nothing of series " + series[0]);
  return *file;
}

}  // namespace punctum::test
