#pragma once

#include <gmock/gmock.h>

#include <cmath>

#include "dicom/geometry/points.hpp"

namespace punctum::test {

MATCHER_P3(IsNearMm, x, y, z, "") {
  *result_listener << "which is (" << arg.x << ", " << arg.y << ", " << arg.z << ") mm";
  return std::abs(arg.x - x) < 1e-6 && std::abs(arg.y - y) < 1e-6 && std::abs(arg.z - z) < 1e-6;
}

}  // namespace punctum::test

/// Runs the statement and returns the text of the exception of that type; fails the test if there is none.
#define PUNCTUM_MESSAGE_OF(Exception, statement)                                \
  [&]() -> std::string {                                                        \
    try {                                                                       \
      static_cast<void>(statement);                                             \
    } catch (const Exception& error) {                                          \
      return error.what();                                                      \
    } catch (const std::exception& error) {                                     \
      ADD_FAILURE() << #statement " threw another exception: " << error.what(); \
      return {};                                                                \
    }                                                                           \
    ADD_FAILURE() << #statement " threw nothing, expected " #Exception;         \
    return {};                                                                  \
  }()
