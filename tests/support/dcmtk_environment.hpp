#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "dicom/dcmtk/runtime.hpp"

namespace punctum::test {

/// Include this header in one source of a test executable that decodes pixels or speaks DICOM: the runtime then lives
/// from before the first test to after the last.
class DcmtkEnvironment : public ::testing::Environment {
 public:
  void SetUp() override { runtime_ = std::make_unique<DcmtkRuntime>(); }
  void TearDown() override { runtime_.reset(); }

 private:
  std::unique_ptr<DcmtkRuntime> runtime_;
};

inline ::testing::Environment* const dcmtk_environment = ::testing::AddGlobalTestEnvironment(new DcmtkEnvironment);

}  // namespace punctum::test
