// SPDX-License-Identifier: Apache-2.0
//
// DiskReader: one thread that reads the files of a folder, so that no event loop waits for a disk.
// A coroutine awaits read() on its loop and goes on there. Readers of one version of a file share
// its bytes, so slow clients cost no more memory than the folder is large.
//
//   free --read()--> queued --thread--> reading --posted--> done --loop--> free
//
// A coroutine that is destroyed while it waits abandons its job; the job finds out under the mutex.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "pages/folder_file.h"

namespace hookhost::pages {

class DiskReader {
 public:
  using Answer = Result<std::shared_ptr<const FolderFile>, FolderError>;

  // Reads that wait at once; further ones are told kBusy. A page is some ten files.
  static constexpr std::size_t kJobsMax = 128;

  // folder: a descriptor of the folder itself. Starts the thread.
  DiskReader(UniqueFd folder, std::size_t file_bytes_max);
  // Ends the thread. The loops must have ended: nothing is posted any more.
  ~DiskReader();
  DiskReader(const DiskReader&) = delete;

  class Awaiter;
  // co_await reader.read(path, exchange.loop()): on that loop's thread.
  Awaiter read(std::string path, Loop& loop);

 private:
  struct Job;
  Job* start(std::string path, Loop& loop, std::coroutine_handle<> waiting);
  void abandon(Job& job) noexcept;
  Answer take(Job& job) noexcept;
  static void go_on(Work& work) noexcept;
  void run();
  Answer read_now(const std::string& path);

  const UniqueFd folder_;
  const std::size_t file_bytes_max_;
  std::unordered_map<std::string, std::weak_ptr<const FolderFile>> in_use_;  // the thread's

  Mutex mutex_;
  Condition wake_;
  std::vector<std::unique_ptr<Job>> jobs_ HOOKHOST_GUARDED_BY(mutex_);  // all of them, kJobsMax
  std::vector<Job*> free_ HOOKHOST_GUARDED_BY(mutex_);
  Work* first_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;  // queued, oldest first
  Work* last_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  bool is_ending_ HOOKHOST_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

class DiskReader::Awaiter {
 public:
  Awaiter(DiskReader& reader, std::string path, Loop& loop)
      : reader_(reader), path_(std::move(path)), loop_(loop) {}
  Awaiter(const Awaiter&) = delete;
  ~Awaiter() {
    if (job_ != nullptr) reader_.abandon(*job_);
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    job_ = reader_.start(std::move(path_), loop_, waiting);
    return job_ != nullptr;
  }
  Answer await_resume() noexcept {
    return job_ == nullptr ? Answer(FolderError::kBusy)
                           : reader_.take(*std::exchange(job_, nullptr));
  }

 private:
  DiskReader& reader_;
  std::string path_;
  Loop& loop_;
  Job* job_ = nullptr;
};

inline DiskReader::Awaiter DiskReader::read(std::string path, Loop& loop) {
  return {*this, std::move(path), loop};
}

}  // namespace hookhost::pages
