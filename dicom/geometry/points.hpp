#pragma once

namespace punctum {

// Three kinds of place, three types, and no conversion between them but by name: the half pixel between a corner-based
// and a centre-based coordinate is the easiest thing to lose in this field.

/// A place on an image as a presentation state gives it: (column, row), sub-pixel, (0, 0) is the outer corner of the
/// first pixel, so that its centre is (0.5, 0.5). PS3.3 C.10.5, Graphic Annotation Units PIXEL.
struct ImagePoint {
  double column = 0;
  double row = 0;
  bool operator==(const ImagePoint&) const = default;
};

/// A voxel of a Volume: x along the row (column index), y along the column (row index), z along the slice stack.
/// Whole numbers name voxel centres.
struct VoxelIndex {
  int x = 0;
  int y = 0;
  int z = 0;
  bool operator==(const VoxelIndex&) const = default;
};

/// A place in the patient, mm, LPS (x to the left, y to the back, z to the head), in the series' Frame of Reference.
struct PatientPoint {
  double x = 0;
  double y = 0;
  double z = 0;
  bool operator==(const PatientPoint&) const = default;
};

/// A direction or distance in the patient, mm or unit length, LPS.
struct PatientVector {
  double x = 0;
  double y = 0;
  double z = 0;
  bool operator==(const PatientVector&) const = default;
};

inline double dot(const PatientVector& a, const PatientVector& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline PatientVector cross(const PatientVector& a, const PatientVector& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline PatientVector operator*(const PatientVector& v, double s) { return {v.x * s, v.y * s, v.z * s}; }
inline PatientVector operator+(const PatientVector& a, const PatientVector& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline PatientPoint operator+(const PatientPoint& p, const PatientVector& v) {
  return {p.x + v.x, p.y + v.y, p.z + v.z};
}
inline PatientVector operator-(const PatientPoint& a, const PatientPoint& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}

}  // namespace punctum
