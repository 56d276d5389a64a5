// SPDX-License-Identifier: Apache-2.0
#include "pages/disk_reader.h"

#include <utility>

namespace hookhost::pages {

// Its members change under the mutex, except answer, which belongs to the thread while reading and
// to the loop when done.
struct DiskReader::Job : Work {
  explicit Job(DiskReader& its_reader) noexcept : Work(&DiskReader::go_on), reader(its_reader) {}

  DiskReader& reader;
  std::string path;
  Loop* loop = nullptr;
  std::coroutine_handle<> waiting;
  Answer answer = FolderError::kBusy;
  bool is_abandoned = false;
};

namespace {

// Entries of files that nobody uses any more are swept when the map has grown to this.
constexpr std::size_t kInUseSweepAt = 1024;

}  // namespace

DiskReader::DiskReader(UniqueFd folder, std::size_t file_bytes_max)
    : folder_(std::move(folder)), file_bytes_max_(file_bytes_max) {
  jobs_.reserve(kJobsMax);
  free_.reserve(kJobsMax);
  thread_ = std::thread([this] { run(); });
}

DiskReader::~DiskReader() {
  {
    const MutexLock lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

DiskReader::Job* DiskReader::start(std::string path, Loop& loop, std::coroutine_handle<> waiting) {
  const MutexLock lock(mutex_);
  if (free_.empty()) {
    if (jobs_.size() == kJobsMax) return nullptr;
    jobs_.push_back(std::make_unique<Job>(*this));
    free_.push_back(jobs_.back().get());
  }
  Job& job = *free_.back();
  free_.pop_back();
  job.path = std::move(path);
  job.loop = &loop;
  job.waiting = waiting;
  job.is_abandoned = false;
  job.next = nullptr;
  (first_ == nullptr ? first_ : last_->next) = &job;
  last_ = &job;
  wake_.notify_one();
  return &job;
}

void DiskReader::abandon(Job& job) noexcept {
  const MutexLock lock(mutex_);
  job.is_abandoned = true;
}

DiskReader::Answer DiskReader::take(Job& job) noexcept {
  Answer answer = std::exchange(job.answer, FolderError::kBusy);
  const MutexLock lock(mutex_);
  free_.push_back(&job);
  return answer;
}

void DiskReader::run() {
  while (true) {
    Job* job = nullptr;
    bool is_abandoned = false;
    {
      const MutexLock lock(mutex_);
      while (first_ == nullptr && !is_ending_) wake_.wait(mutex_);
      if (is_ending_) return;
      job = static_cast<Job*>(first_);
      first_ = job->next;
      is_abandoned = job->is_abandoned;
    }
    if (!is_abandoned) job->answer = read_now(job->path);

    // Posting under the mutex: whoever abandons the job afterwards knows that its loop has it.
    const MutexLock lock(mutex_);
    if (job->is_abandoned) {
      job->answer = FolderError::kBusy;
      free_.push_back(job);
    } else {
      job->loop->post(*job);
    }
  }
}

void DiskReader::go_on(Work& work) noexcept {
  Job& job = static_cast<Job&>(work);
  DiskReader& reader = job.reader;
  std::coroutine_handle<> waiting;
  {
    const MutexLock lock(reader.mutex_);
    if (job.is_abandoned) {
      job.answer = FolderError::kBusy;
      reader.free_.push_back(&job);
      return;
    }
    waiting = job.waiting;
  }
  waiting.resume();
}

DiskReader::Answer DiskReader::read_now(const std::string& path) {
  try {
    if (in_use_.size() >= kInUseSweepAt)
      std::erase_if(in_use_, [](const auto& entry) { return entry.second.expired(); });
    const auto known = in_use_.find(path);
    Answer answer = read_beneath(folder_.get(), path, file_bytes_max_,
                                 known == in_use_.end() ? nullptr : known->second.lock());
    if (answer) in_use_[path] = *answer;
    return answer;
  } catch (const std::bad_alloc&) {
    return FolderError::kBusy;
  }
}

}  // namespace hookhost::pages
