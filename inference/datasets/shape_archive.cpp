#include "inference/datasets/shape_archive.hpp"

#include <minizip/unzip.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "dicom/types/error.hpp"
#include "inference/datasets/nifti.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using synthesis::ShapeMask;

constexpr int margin_voxels = 3;
constexpr std::size_t most_bytes = 1U << 28;  // of one file in an archive, or of one mask: a label image is far smaller

// --- label images, perhaps in archives ---

struct ZipCloser {
  void operator()(void* zip) const { unzClose(zip); }
};

std::string first_file_of(const fs::path& archive, std::string& name) {
  const auto fail = [&](const std::string& why) {
    return StorageError("cannot read archive " + archive.string() + ": " + why);
  };
  const std::unique_ptr<void, ZipCloser> zip(unzOpen64(archive.c_str()));
  if (!zip) throw fail("found no ZIP directory");
  unz_file_info64 info{};
  char found[512] = {};
  if (unzGoToFirstFile(zip.get()) != UNZ_OK ||
      unzGetCurrentFileInfo64(zip.get(), &info, found, sizeof found - 1, nullptr, 0, nullptr, 0) != UNZ_OK) {
    throw fail("found no file in it");
  }
  name = found;
  if (info.uncompressed_size > most_bytes) {
    throw fail("found " + std::to_string(info.uncompressed_size) + " bytes, expected at most " +
               std::to_string(most_bytes));
  }
  std::string bytes(static_cast<std::size_t>(info.uncompressed_size), '\0');
  if (unzOpenCurrentFile(zip.get()) != UNZ_OK) throw fail("cannot open " + name);
  const int read = unzReadCurrentFile(zip.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
  if (read < 0 || static_cast<std::size_t>(read) != bytes.size()) throw fail("cannot unpack " + name);
  return bytes;
}

/// A file for as long as something reads it.
class Unpacked {
 public:
  explicit Unpacked(const fs::path& archive) {
    std::string name;
    const std::string bytes = first_file_of(archive, name);
    const std::string suffix = name.ends_with(".gz") ? ".nii.gz" : ".nii";
    std::string path = (fs::temp_directory_path() / "punctum-shape-XXXXXX").string() + suffix;
    const int descriptor = mkstemps(path.data(), static_cast<int>(suffix.size()));
    if (descriptor < 0) throw StorageError("cannot unpack " + archive.string() + ": no temporary file");
    close(descriptor);
    path_ = path;
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  ~Unpacked() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The lesion and a margin about it.
ShapeMask cut_out(const LabelImage& image) {
  const MaskGrid whole = mask_grid(image.geometry);
  const IndexBox box = bounds_of(image.labels, whole, margin_voxels);
  ShapeMask mask;
  if (box.empty()) return mask;
  mask.grid = whole.within(box);
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; ++y) {
      for (int x = box.low.x; x < box.high.x; ++x) mask.voxels.push_back(image.labels[whole.index(x, y, z)] != 0);
    }
  }
  return mask;
}

bool is_label_image(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".nii") || name.ends_with(".nii.gz") || name.ends_with(".zip");
}

std::vector<ShapeMask> read_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file() && is_label_image(entry.path())) files.push_back(entry.path());
  }
  if (error) throw StorageError("cannot read folder " + folder.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  std::vector<ShapeMask> shapes;
  for (const auto& file : files) {
    auto mask =
        cut_out(file.extension() == ".zip" ? read_nifti_labels(Unpacked(file).path()) : read_nifti_labels(file));
    if (!mask.voxels.empty()) shapes.push_back(std::move(mask));
  }
  return shapes;
}

// --- packs: a line that says so, then for each form its grid, labels and bits, little endian, all of it in gzip ---

constexpr char pack_title[] = "punctum shapes 1\n";
constexpr std::size_t title_size = sizeof pack_title - 1;
static_assert(std::endian::native == std::endian::little);

struct PackedHeader {
  std::int32_t columns, rows, slices, shape, surface, reserved;
  double dx_mm, dy_mm, dz_mm;
};
static_assert(sizeof(PackedHeader) == 48);

struct GzipCloser {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<gzFile_s, GzipCloser>;

bool read_exactly(const Gzip& file, void* into, std::size_t count) {
  return gzread(file.get(), into, static_cast<unsigned>(count)) == static_cast<int>(count);
}

bool plausible(const PackedHeader& h) {
  const auto side = [](std::int32_t n) { return n > 0 && n <= 4096; };
  const auto step = [](double mm) { return mm > 0.01 && mm < 100; };
  return side(h.columns) && side(h.rows) && side(h.slices) && step(h.dx_mm) && step(h.dy_mm) && step(h.dz_mm) &&
         static_cast<std::size_t>(h.columns) * static_cast<std::size_t>(h.rows) * static_cast<std::size_t>(h.slices) <=
             most_bytes &&
         h.shape >= -1 && h.shape < 4 && h.surface >= -1 && h.surface < 2;
}

std::vector<ShapeMask> read_pack(const fs::path& path) {
  const auto fail = [&](const std::string& why) {
    return StorageError("cannot read shapes from " + path.string() + ": " + why);
  };
  const Gzip file(gzopen(path.c_str(), "rb"));
  if (!file) throw fail("no such file");
  char title[title_size] = {};
  if (!read_exactly(file, title, title_size) || std::memcmp(title, pack_title, title_size) != 0) {
    throw fail("found another kind of file, expected a pack of shapes");
  }
  std::vector<ShapeMask> shapes;
  PackedHeader h{};
  for (int got = 0; (got = gzread(file.get(), &h, sizeof h)) != 0;) {
    if (got != static_cast<int>(sizeof h) || !plausible(h)) {
      throw fail("found a damaged form after " + std::to_string(shapes.size()) + " good ones");
    }
    ShapeMask mask{{h.columns, h.rows, h.slices, h.dx_mm, h.dy_mm, h.dz_mm}, {}, h.shape, h.surface};
    std::vector<std::uint8_t> bits((mask.grid.size() + 7) / 8);
    if (!read_exactly(file, bits.data(), bits.size())) throw fail("found its end within a form");
    mask.voxels.resize(mask.grid.size());
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) mask.voxels[i] = (bits[i / 8] >> (i % 8)) & 1U;
    shapes.push_back(std::move(mask));
  }
  return shapes;
}

}  // namespace

std::vector<ShapeMask> read_shapes(const fs::path& file_or_folder) {
  return fs::is_directory(file_or_folder) ? read_folder(file_or_folder) : read_pack(file_or_folder);
}

void write_shape_pack(const fs::path& path, const std::vector<ShapeMask>& shapes) {
  const auto fail = [&] { return StorageError("cannot write shapes to " + path.string()); };
  Gzip file(gzopen(path.c_str(), "wb"));
  if (!file) throw fail();
  const auto write = [&](const void* from, std::size_t count) {
    if (gzwrite(file.get(), from, static_cast<unsigned>(count)) != static_cast<int>(count)) throw fail();
  };
  write(pack_title, title_size);
  for (const auto& mask : shapes) {
    const auto& g = mask.grid;
    const PackedHeader h{g.columns, g.rows, g.slices, mask.shape, mask.surface, 0, g.dx_mm, g.dy_mm, g.dz_mm};
    std::vector<std::uint8_t> bits((mask.voxels.size() + 7) / 8);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
      if (mask.voxels[i] != 0) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (1U << (i % 8)));
    }
    write(&h, sizeof h);
    if (!bits.empty()) write(bits.data(), bits.size());
  }
  if (gzclose(file.release()) != Z_OK) throw fail();
}

}  // namespace punctum
