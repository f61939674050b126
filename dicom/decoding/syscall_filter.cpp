#include "dicom/decoding/syscall_filter.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "dicom/types/error.hpp"

#if defined(__x86_64__)
#define PUNCTUM_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PUNCTUM_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#undef PUNCTUM_AUDIT_ARCH
#endif

namespace punctum {

#ifdef PUNCTUM_AUDIT_ARCH
namespace {

/// All that decoding needs. getpid, gettid, tgkill and the signal calls are those of abort().
constexpr int allowed[] = {SYS_read,           SYS_write,        SYS_brk,       SYS_munmap,    SYS_mremap,
                           SYS_madvise,        SYS_futex,        SYS_setitimer, SYS_getrandom, SYS_clock_gettime,
                           SYS_gettimeofday,   SYS_sched_yield,  SYS_getpid,    SYS_gettid,    SYS_rt_sigaction,
                           SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit,      SYS_exit_group};

constexpr std::uint32_t deny = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;

/// A program for the kernel's filter machine: one accumulator, jumps forward by a number of instructions.
class FilterProgram {
 public:
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void answer(std::uint32_t action) { add(BPF_RET | BPF_K, action); }
  void unless_equal_skip(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count); }
  void if_equal_skip(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, value, count); }
  void unless_any_bit_skip(std::uint32_t bits, std::uint8_t count) { add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, count); }
  std::vector<sock_filter>& code() { return code_; }

 private:
  void add(int operation, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    code_.push_back({static_cast<std::uint16_t>(operation), if_true, if_false, value});
  }
  std::vector<sock_filter> code_;
};

constexpr std::size_t low_half_of_argument(int index) {  // both machines are little endian
  return offsetof(seccomp_data, args) + static_cast<std::size_t>(index) * sizeof(std::uint64_t);
}

/// mmap, mprotect: not for memory that can be executed.
void allow_data_only(FilterProgram& program, int call) {
  program.unless_equal_skip(static_cast<std::uint32_t>(call), 4);
  program.load(low_half_of_argument(2));
  program.unless_any_bit_skip(PROT_EXEC, 1);
  program.answer(deny);
  program.answer(allow);
}

void allow_signals_to(FilterProgram& program, pid_t own) {
  program.unless_equal_skip(SYS_tgkill, 4);
  program.load(low_half_of_argument(0));
  program.unless_equal_skip(static_cast<std::uint32_t>(own), 1);
  program.answer(allow);
  program.answer(deny);
}

}  // namespace

void filter_system_calls() {
  FilterProgram program;
  program.load(offsetof(seccomp_data, arch));
  program.if_equal_skip(PUNCTUM_AUDIT_ARCH, 1);
  program.answer(deny);
  program.load(offsetof(seccomp_data, nr));
  for (const int call : allowed) {
    program.unless_equal_skip(static_cast<std::uint32_t>(call), 1);
    program.answer(allow);
  }
  allow_data_only(program, SYS_mmap);
  allow_data_only(program, SYS_mprotect);
  allow_signals_to(program, getpid());
  program.answer(deny);
  const sock_fprog filter{static_cast<unsigned short>(program.code().size()), program.code().data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    throw DicomError("cannot confine decoder: the kernel takes no filter of system calls: " +
                     std::generic_category().message(errno));
  }
}
#else
void filter_system_calls() {}
#endif

}  // namespace punctum
