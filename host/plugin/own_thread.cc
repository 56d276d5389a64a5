// SPDX-License-Identifier: Apache-2.0
#include "plugin/own_thread.h"

#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/thread.h"

namespace hookhost::plugin {
namespace {

using StatusTask = std::packaged_task<Status()>;

// Nothing: there was no thread to have, and the task has run here.
std::optional<std::thread> start(const std::shared_ptr<StatusTask>& task) {
  try {
    return std::thread([task] {
      name_this_thread("control", 1);
      (*task)();
    });
  } catch (const std::system_error&) {
    (*task)();
    return std::nullopt;
  }
}

}  // namespace

Status on_own_thread(std::function<Status()> function) {
  const auto task = std::make_shared<StatusTask>(std::move(function));
  std::future<Status> status = task->get_future();
  if (auto thread = start(task)) thread->join();
  return status.get();
}

std::optional<Status> on_own_thread_until(std::chrono::steady_clock::time_point until,
                                          std::function<Status()> function) {
  const auto task = std::make_shared<StatusTask>(std::move(function));
  std::future<Status> status = task->get_future();
  auto thread = start(task);
  if (status.wait_until(until) != std::future_status::ready) {
    thread->detach();
    return std::nullopt;
  }
  if (thread) thread->join();
  return status.get();
}

}  // namespace hookhost::plugin
