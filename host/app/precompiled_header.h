// SPDX-License-Identifier: Apache-2.0
//
// PrecompiledHeader: the SDK's C++ header as g++ reads it fastest, in the user's cache. Reading the
// header is a third of a small handler's build, and it only changes with the SDK. Made once for a
// compiler, its flags and an SDK; whoever has no cache goes without it. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>

#include "app/compile_command.h"
#include "base/environment.h"

namespace hookhost::app {

// In the cache; one has about 85 MB. Further ones replace the oldest.
inline constexpr std::size_t kPrecompiledHeadersMax = 3;

class PrecompiledHeader {
 public:
  // Looks for "$XDG_CACHE_HOME/hookhost/<digest>", else below ~/.cache. Its file is only taken when
  // nobody but us can have written it.
  PrecompiledHeader(Compiler compiler, Sdk sdk, const Environment& environment);
  ~PrecompiledHeader();
  PrecompiledHeader(const PrecompiledHeader&) = delete;
  PrecompiledHeader& operator=(const PrecompiledHeader&) = delete;

  // For compile_command(); empty: it is not there.
  std::filesystem::path folder() const { return is_there_ ? folder_ : std::filesystem::path(); }

  // Is it worth a begin()?
  bool is_wanted() const noexcept { return is_wanted_; }

  // What makes it: run that, then call end(). A command that is given up needs no end(), and may
  // begin again. Nothing: the cache cannot be written, and it is not wanted any more.
  std::optional<CommandLine> begin();

  // Publishes what the command has made, if it was good, by a rename of the whole folder: a process
  // that does the same is not disturbed, and whoever comes second takes the first one's.
  void end(bool is_good);

 private:
  std::filesystem::path file_in(const std::filesystem::path& folder) const;
  bool is_usable() const;

  const Compiler compiler_;
  const Sdk sdk_;
  std::filesystem::path folder_;   // empty: there is no cache
  std::filesystem::path scratch_;  // where it is made
  bool is_there_ = false;
  bool is_wanted_ = false;
};

}  // namespace hookhost::app
