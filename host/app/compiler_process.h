// SPDX-License-Identifier: Apache-2.0
//
// One running compiler and what it writes. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace hookhost::app {

// Of one compiler; the rest is read and dropped. The first error is what helps, and a template's
// may have a hundred lines.
inline constexpr std::size_t kCompilerOutputBytesMax = 16 * 1024;

class CompilerProcess {
 public:
  // In that working directory. kUnavailable: the system has no process to give.
  static Result<CompilerProcess> start(const std::vector<std::string>& command,
                                       const std::filesystem::path& folder);
  CompilerProcess(CompilerProcess&&) noexcept = default;
  CompilerProcess& operator=(CompilerProcess&&) = delete;
  ~CompilerProcess();  // kills it and what it has started when it still runs

  int output_fd() const noexcept { return output_.get(); }    // readable: call read()
  int process_fd() const noexcept { return process_.get(); }  // readable: it has ended
  void read();

  // Waits for its end. Was it a success? Once.
  bool wait();
  // Standard output and error, as far as it was read.
  const std::string& output() const noexcept { return text_; }

 private:
  CompilerProcess() = default;
  pid_t pid_ = -1;
  UniqueFd process_, output_;
  std::string text_;
};

}  // namespace hookhost::app
