#pragma once

#include <cstdint>

/// What the node and a worker say to each other over a stream socket: both ends on one machine, of one build. The
/// worker says Hello once. Then, again and again, a RequestHead and the file are answered by an AnswerHead and its
/// bytes.
namespace punctum::wire {

inline constexpr std::uint64_t magic = 0x1c0dec7d'0000'0001;
inline constexpr std::uint64_t longest_text = 4096;

struct Hello {
  std::uint64_t magic = wire::magic;
  std::uint64_t mapped_bytes = 0;  ///< address space that the program takes before it has done anything
};

struct RequestHead {
  std::uint32_t task = 0;
  std::uint32_t processor_seconds = 0;
  std::uint64_t file_bytes = 0;
};

enum class Outcome : std::uint32_t {
  done = 1,
  dicom_error = 2,  ///< the bytes are its text
  refusal = 3,      ///< likewise
  no_memory = 4,    ///< the worker ends after this
};

struct AnswerHead {
  std::uint32_t outcome = 0;
  std::uint32_t reserved = 0;
  std::uint64_t bytes = 0;
};

}  // namespace punctum::wire
