// SPDX-License-Identifier: Apache-2.0
//
// The memory of one call at the level guard: pages of their own that nobody may touch once the call
// has ended. Who does dies of SIGSEGV as always, after one line on standard error that names the
// plugin, the endpoint and the event whose memory it was, and the plugin whose code it was, by the
// program counter. Any thread. Not for the hot path.
//
//   map() -> in use -> protect() -> one of the newest kGuardedCallsMax -> unmapped
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

namespace hookhost::plugin {

// Ended calls that are remembered: a view is rarely kept for longer, and they cost address space
// alone.
inline constexpr std::size_t kGuardedCallsMax = 64;
inline constexpr std::size_t kGuardedBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kGuardedLibrariesMax = 256;  // further ones are not named
inline constexpr std::size_t kGuardLabelBytesMax = 512;   // cut

class GuardSlab {
 public:
  // Zeroed; what is not touched costs nothing. Throws std::bad_alloc.
  static GuardSlab map(std::size_t bytes);
  GuardSlab(GuardSlab&& other) noexcept : pages_(std::exchange(other.pages_, {})) {}
  GuardSlab& operator=(GuardSlab&&) = delete;
  ~GuardSlab();

  std::span<std::byte> bytes() const noexcept { return pages_; }

  // The first `used` bytes are not to be touched any more, and the others are given back. label:
  // "plugin retrain gen 3, route /webhooks/x, event evt_0".
  void protect(std::size_t used, std::string_view label) noexcept;

 private:
  explicit GuardSlab(std::span<std::byte> pages) noexcept : pages_(pages) {}
  std::span<std::byte> pages_;
};

// While it lives, a fault in the code of a loaded library is told under that label: "plugin retrain
// gen 3, retrain.so".
class GuardedLibrary {
 public:
  GuardedLibrary(const std::filesystem::path& file, std::string_view label);
  ~GuardedLibrary();
  GuardedLibrary(const GuardedLibrary&) = delete;
  GuardedLibrary& operator=(const GuardedLibrary&) = delete;

 private:
  std::size_t place_ = kGuardedLibrariesMax;  // none
};

// Tells faults from here on. What handled SIGSEGV before does so after the line. Once is enough.
void tell_faults();

// For the calling thread, unless it has one: a fault is then told even when its stack is used up.
void have_fault_stack();

}  // namespace hookhost::plugin
