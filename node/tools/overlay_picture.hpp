#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/point_prompt.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// An RGB picture in memory, row by row, 3 bytes a pixel.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

/// A click to mark on the picture.
struct ClickMark {
  PatientPoint place;
  ClickSign sign = ClickSign::positive;
};

struct OverlayOptions {
  std::vector<ClickMark> clicks{};
  const LesionMask* truth = nullptr;  ///< where it is known: a second contour, and the views are chosen from it
  std::string title{};                ///< one short line, no patient text: "Lesion 1, round 1"
  std::vector<std::string> legend{};  ///< further short lines: volume, attributes
  int pane_px = 420;                  ///< width and height of each of the three views
};

/// The lesion in three views at one millimetre scale: the axial slice of its largest area, coronal and sagittal
/// reformats through it; contour and light fill over a window chosen from the HU around the lesion.
/// @param mask on the grid of the volume; not empty, unless the truth is known. @throws GeometryError. Pure; any
/// thread.
Picture draw_lesion_overlay(const Volume& volume, const LesionMask& mask, const OverlayOptions& options = {});

/// @throws StorageError if the file cannot be written.
void write_png(const Picture& picture, const std::filesystem::path& path);

}  // namespace punctum
