#pragma once

#include <stdexcept>
#include <string>

namespace punctum {

/// Root of every failure in Punctum. The text says verb, object, what was found and what was expected, and never
/// contains patient names or IDs. Normal absence is not an Error: functions return std::optional for that.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A data set that cannot be read or written as the standard says.
class DicomError : public Error {
 public:
  using Error::Error;
};

/// A series, slice or point that does not describe a usable place in the patient.
class GeometryError : public Error {
 public:
  using Error::Error;
};

/// Files or index cannot do what was asked.
class StorageError : public Error {
 public:
  using Error::Error;
};

/// No room left (disk low-water mark, quota). The peer may try again later: DIMSE A700.
class OutOfResources : public StorageError {
 public:
  using StorageError::StorageError;
};

/// The same SOP Instance UID is stored with other bytes, or under another study. Nothing was changed: DIMSE A900.
class IdentityConflict : public StorageError {
 public:
  using StorageError::StorageError;
};

/// An association or connection was refused, lost or timed out.
class NetworkError : public Error {
 public:
  using Error::Error;
};

/// Weights, manifest or tensors that do not fit the network.
class ModelError : public Error {
 public:
  using Error::Error;
};

/// A configuration that cannot be used; names the JSON pointer.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// The reader asked for something that cannot be done and should be told why, in a sentence that a radiologist
/// understands. Becomes a refused job; never retried.
class Refusal : public Error {
 public:
  using Error::Error;
};

}  // namespace punctum
