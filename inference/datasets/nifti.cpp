#include "inference/datasets/nifti.hpp"

#include <itkImageFileReader.h>
#include <itkNiftiImageIO.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dicom/types/error.hpp"
#include "inference/datasets/axis_order.hpp"

namespace punctum {
namespace {

using FloatImage = itk::Image<float, 3>;
namespace fs = std::filesystem;

/// The reader is told which format it reads: no look-up among ITK's factories, whose libraries bring a second copy of
/// codecs that DCMTK has as well.
FloatImage::Pointer read_image(const fs::path& file) {
  try {
    auto io = itk::NiftiImageIO::New();
    io->SetFileName(file.string());
    io->ReadImageInformation();
    for (unsigned axis = 3; axis < io->GetNumberOfDimensions(); ++axis) {
      if (io->GetDimensions(axis) > 1)
        throw StorageError("cannot read " + file.string() + ": found more than one 3-D image");
    }
    if (io->GetNumberOfComponents() != 1) {
      throw StorageError("cannot read " + file.string() + ": found several values a voxel, expected one");
    }
    auto reader = itk::ImageFileReader<FloatImage>::New();
    reader->SetImageIO(io);
    reader->SetFileName(file.string());
    reader->Update();
    return reader->GetOutput();
  } catch (const itk::ExceptionObject& error) {
    throw StorageError("cannot read " + file.string() + " as NIfTI: " + error.GetDescription());
  }
}

VoxelAxes axes_of(const FloatImage& image) {
  VoxelAxes axes;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  for (unsigned axis = 0; axis < 3; ++axis) {
    axes.count[axis] = static_cast<int>(size[axis]);
    axes.spacing_mm[axis] = image.GetSpacing()[axis];
    axes.direction[axis] = {image.GetDirection()(0, axis), image.GetDirection()(1, axis),
                            image.GetDirection()(2, axis)};
  }
  axes.first_mm = {image.GetOrigin()[0], image.GetOrigin()[1], image.GetOrigin()[2]};
  return axes;
}

std::int16_t whole_hu(float value) {
  constexpr float air = -1000;  // what scanners and converters put outside the field of view, NaN among it
  if (std::isnan(value)) return static_cast<std::int16_t>(air);
  return static_cast<std::int16_t>(std::lround(std::clamp(value, -32768.0F, 32767.0F)));
}

}  // namespace

Volume read_nifti_volume(const fs::path& file) {
  const auto image = read_image(file);
  const AxisOrder order(axes_of(*image));
  Volume volume{order.geometry(file.filename().string()), std::vector<std::int16_t>(order.size())};
  const float* values = image->GetBufferPointer();
  order.for_each([&](std::size_t to, std::size_t from) { volume.hu[to] = whole_hu(values[from]); });
  return volume;
}

LabelImage read_nifti_labels(const fs::path& file) {
  const auto image = read_image(file);
  const AxisOrder order(axes_of(*image));
  LabelImage labels{order.geometry(file.filename().string()), std::vector<std::uint8_t>(order.size())};
  const float* values = image->GetBufferPointer();
  order.for_each([&](std::size_t to, std::size_t from) {
    const float value = values[from];
    if (!(value >= 0 && value <= 255 && value == std::floor(value))) {
      throw StorageError("cannot read labels of " + file.string() + ": found " + std::to_string(value) +
                         ", expected whole numbers from 0 to 255");
    }
    labels.labels[to] = static_cast<std::uint8_t>(value);
  });
  return labels;
}

}  // namespace punctum
