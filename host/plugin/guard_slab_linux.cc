// SPDX-License-Identifier: Apache-2.0
//
// The signal handler reads two tables of fixed size that are written under a mutex, each row with
// its begin last; dladdr and everything else that locks or allocates is not for it. A row that
// changes while it is read costs a wrong word in the last line of a process.
#include "plugin/guard_slab.h"

#include <link.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <memory>
#include <new>

#include "base/mutex.h"
#include "plugin/library.h"

namespace hookhost::plugin {
namespace {

// ---- What the signal handler may read

struct NamedRange {
  std::atomic<std::uintptr_t> begin{0};  // 0: unused
  std::atomic<std::uintptr_t> end{0};
  std::array<char, kGuardLabelBytesMax> label{};
  std::size_t label_bytes = 0;

  bool holds(std::uintptr_t address) const noexcept {
    const std::uintptr_t first = begin.load(std::memory_order_acquire);
    return first != 0 && first <= address && address < end.load(std::memory_order_relaxed);
  }
  void set(std::uintptr_t first, std::uintptr_t last, std::string_view text) noexcept {
    label_bytes = std::min(text.size(), label.size());
    std::copy_n(text.begin(), label_bytes, label.begin());
    end.store(last, std::memory_order_relaxed);
    begin.store(first, std::memory_order_release);
  }
  std::string_view text() const noexcept { return {label.data(), label_bytes}; }
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);  // or a handler must not touch it

std::array<NamedRange, kGuardedCallsMax> g_calls;
std::array<NamedRange, kGuardedLibrariesMax> g_libraries;
struct sigaction g_handler_before;

template <class Table>
const NamedRange* find(const Table& table, std::uintptr_t address) noexcept {
  for (const NamedRange& range : table) {
    if (range.holds(address)) return &range;
  }
  return nullptr;
}

// ---- The signal handler

// A line made without the C library.
class FaultLine {
 public:
  FaultLine& operator<<(std::string_view text) noexcept {
    const std::size_t bytes = std::min(text.size(), text_.size() - size_);
    std::copy_n(text.begin(), bytes, text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes;
    return *this;
  }
  FaultLine& operator<<(std::uintptr_t number) noexcept {
    std::array<char, 18> digits{'0', 'x'};
    const auto end =
        std::to_chars(digits.data() + 2, digits.data() + digits.size(), number, 16).ptr;
    return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  void write() const noexcept {
    if (::write(STDERR_FILENO, text_.data(), size_) < 0) {
      // Nobody reads.
    }
  }

 private:
  std::array<char, 2 * kGuardLabelBytesMax + 256> text_{};
  std::size_t size_ = 0;
};

std::uintptr_t program_counter(const void* context) noexcept {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#endif
}

void tell_fault(int signal, siginfo_t* fault, void* context) {
  const int saved = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(fault->si_addr);
  const std::uintptr_t code = program_counter(context);
  const NamedRange* call = find(g_calls, address);
  const NamedRange* library = find(g_libraries, code);
  if (call != nullptr || library != nullptr) {
    FaultLine line;
    line << "hookhost: ";
    if (call != nullptr) {
      line << "memory of a call that has ended was used: " << call->text();
    } else {
      line << "a crash at address " << address;
    }
    if (library != nullptr) {
      line << "; by code of " << library->text() << " at " << (code - library->begin.load());
    } else {
      line << "; by code outside of plugins, which one has called";
    }
    line << "\n";
    line.write();
  }
  // The same instruction faults again when this returns, unless somebody has sent the signal.
  ::sigaction(signal, &g_handler_before, nullptr);
  if (fault->si_code <= 0) ::raise(signal);
  errno = saved;
}

// ---- The calls that have ended

struct Remembered {
  std::span<std::byte> pages;
};
Mutex g_mutex;
std::array<Remembered, kGuardedCallsMax> g_remembered HOOKHOST_GUARDED_BY(g_mutex);
std::size_t g_next HOOKHOST_GUARDED_BY(g_mutex) = 0;  // the oldest
std::size_t g_bytes HOOKHOST_GUARDED_BY(g_mutex) = 0;

void forget(std::size_t place) HOOKHOST_REQUIRES(g_mutex) {
  std::span<std::byte>& pages = g_remembered[place].pages;
  if (pages.empty()) return;
  g_calls[place].begin.store(0, std::memory_order_release);
  g_bytes -= pages.size();
  ::munmap(pages.data(), pages.size());
  pages = {};
}

std::size_t whole_pages(std::size_t bytes) noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return std::max(page, (bytes + page - 1) / page * page);
}

// ---- The code of a library

struct Search {
  std::string_view path;
  std::uintptr_t begin = 0, end = 0;
};
int look(dl_phdr_info* object, std::size_t, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  if (object->dlpi_name == nullptr || search.path != object->dlpi_name) return 0;
  search.begin = object->dlpi_addr;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD)
      search.end = std::max<std::uintptr_t>(search.end,
                                            object->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  return 1;
}

}  // namespace

GuardSlab GuardSlab::map(std::size_t bytes) {
  const std::size_t size = whole_pages(bytes);
  void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return GuardSlab({static_cast<std::byte*>(pages), size});
}

GuardSlab::~GuardSlab() {
  if (!pages_.empty()) ::munmap(pages_.data(), pages_.size());
}

void GuardSlab::protect(std::size_t used, std::string_view label) noexcept {
  const std::span<std::byte> all = std::exchange(pages_, {});
  const std::span<std::byte> kept = all.first(std::min(all.size(), whole_pages(used)));
  if (kept.size() < all.size()) ::munmap(kept.data() + kept.size(), all.size() - kept.size());
  // The address stays taken, the memory behind it does not.
  ::mprotect(kept.data(), kept.size(), PROT_NONE);
  ::madvise(kept.data(), kept.size(), MADV_DONTNEED);
  const MutexLock lock(g_mutex);
  for (std::size_t i = 0; i < kGuardedCallsMax && g_bytes + kept.size() > kGuardedBytesMax; ++i)
    forget((g_next + i) % kGuardedCallsMax);
  const std::size_t place = std::exchange(g_next, (g_next + 1) % kGuardedCallsMax);
  forget(place);
  g_remembered[place].pages = kept;
  g_bytes += kept.size();
  const auto begin = reinterpret_cast<std::uintptr_t>(kept.data());
  g_calls[place].set(begin, begin + kept.size(), label);
}

GuardedLibrary::GuardedLibrary(const std::filesystem::path& file, std::string_view label) {
  Search search{file.native()};
  {
    const MutexLock lock(linker_mutex());
    ::dl_iterate_phdr(look, &search);
  }
  if (search.end == 0) return;
  const MutexLock lock(g_mutex);
  for (std::size_t i = 0; i < g_libraries.size(); ++i) {
    if (g_libraries[i].begin.load(std::memory_order_relaxed) != 0) continue;
    g_libraries[i].set(search.begin, search.end, label);
    place_ = i;
    return;
  }
}

GuardedLibrary::~GuardedLibrary() {
  if (place_ == kGuardedLibrariesMax) return;
  const MutexLock lock(g_mutex);
  g_libraries[place_].begin.store(0, std::memory_order_release);
}

void tell_faults() {
  static const bool is_done = [] {
    struct sigaction action {};
    action.sa_sigaction = tell_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return ::sigaction(SIGSEGV, &action, &g_handler_before) == 0;
  }();
  static_cast<void>(is_done);
}

void have_fault_stack() {
  class FaultStack {
   public:
    FaultStack() {
      stack_t before{};
      if (::sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) return;
      constexpr std::size_t kBytes = 64 * 1024;  // a sanitizer's handler may come behind ours
      memory_ = std::make_unique<std::byte[]>(kBytes);
      const stack_t stack{memory_.get(), 0, kBytes};
      ::sigaltstack(&stack, nullptr);
    }
    ~FaultStack() {
      const stack_t none{nullptr, SS_DISABLE, 0};
      if (memory_ != nullptr) ::sigaltstack(&none, nullptr);
    }

   private:
    std::unique_ptr<std::byte[]> memory_;
  };
  thread_local const FaultStack stack;
  static_cast<void>(stack);
}

}  // namespace hookhost::plugin
