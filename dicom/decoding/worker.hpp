#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "dicom/decoding/task.hpp"
#include "dicom/types/file_descriptor.hpp"

namespace punctum {

/// What one request may cost.
struct WorkLimits {
  std::uint64_t memory_bytes = 0;    ///< address space beyond that of the program at its start
  std::chrono::seconds processor{};  ///< computing
  std::chrono::milliseconds wall{};  ///< until the whole answer is there
  std::uint64_t answer_bytes = 0;    ///< longest answer
};

/// One running punctum-decode, as the node sees it. Killed and waited for on destruction. One thread at a time.
class Worker {
 public:
  /// Starts it and waits until it is ready. It ends with the thread that called this, which is what Linux offers
  /// (PR_SET_PDEATHSIG): call it from one that lives as long as the worker shall.
  /// @throws DicomError naming the program and what is wrong with it.
  Worker(const std::filesystem::path& program, std::chrono::milliseconds patience);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// @return the answer. @throws Refusal, DicomError: what the decoder says, or that it crashed, took too long or
  /// needed too much memory. After an exception the worker is of no more use.
  Bytes ask(Task task, ByteView file, const WorkLimits& limits);
  /// Whether it still waits for a request.
  bool is_waiting() const;

  pid_t process() const { return process_; }

 private:
  void limit_memory(std::uint64_t bytes);
  [[noreturn]] void fail(const std::string& why) const;
  [[noreturn]] void explain_loss(bool late, const WorkLimits& limits);
  int end();

  FileDescriptor channel_;
  pid_t process_ = -1;
  std::uint64_t mapped_bytes_ = 0, memory_limit_ = 0;
};

}  // namespace punctum
