// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <stdexcept>
#include <utility>

#include "command.h"
#include "post_json.h"

using namespace std::chrono_literals;

namespace {

constexpr auto kReapEvery = 250ms;  // a job takes minutes; nobody notices a quarter second

std::string running_key(const std::string& dataset) { return "running/" + dataset; }
std::string waiting_key(const std::string& dataset) { return "waiting/" + dataset; }

// The value under running_key: the process of a command, else the commit. 0: not a process.
pid_t to_pid(std::string_view value) {
  pid_t pid = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), pid);
  return read.ec == std::errc() && read.ptr == value.data() + value.size() && pid > 0 ? pid : 0;
}

}  // namespace

Jobs::Jobs(hookhost::Host& host)
    : host_(host),
      command_(host.config()["command"].get_or(std::string())),
      url_(host.config()["url"].get_or(std::string())),
      timeout_(host.config()["timeout_s"].get_or(3600)) {
  if (!command_.empty() && !url_.empty()) {
    throw std::runtime_error("configure command or url, not both");
  }
}

void Jobs::on_activate() {
  if (!command_.empty()) reaper_ = host_.every(kReapEvery, [this] { reap(); });
}

void Jobs::on_quiesce() { reaper_.cancel(); }

Jobs::Started Jobs::start(const std::string& dataset, std::string_view commit) {
  if (command_.empty() && url_.empty()) return Started::kNothingConfigured;
  // First into the queue of one, then out of it: whoever ends a job looks there after it has let
  // go, so one of the two finds the commit.
  host_.kv().put(waiting_key(dataset), commit, timeout_);
  auto hold = take_waiting(dataset);
  if (!hold) {
    adopt(dataset);
    return Started::kWaits;
  }
  const bool is_ours = hold->commit == commit;  // or a newer one, which came in between
  launch(*std::move(hold));
  return is_ours ? Started::kStarted : Started::kWaits;
}

// The newest commit that waits, unless a job holds the dataset: its end looks here again.
std::optional<Jobs::Hold> Jobs::take_waiting(const std::string& dataset) {
  const hookhost::Kv kv = host_.kv();
  while (const auto waiting = kv.get_versioned(waiting_key(dataset))) {
    if (!kv.put_if_absent(running_key(dataset), "", timeout_)) return std::nullopt;
    const auto running = kv.get_versioned(running_key(dataset));
    if (running && kv.remove(waiting_key(dataset), waiting->version)) {
      return Hold{dataset, waiting->value, running->version};
    }
    kv.remove(running_key(dataset));  // a newer one waits now: take that
  }
  return std::nullopt;
}

void Jobs::launch(Hold hold) {
  try {
    command_.empty() ? call_url(hold) : run_command(hold);
  } catch (const std::exception&) {
    finished(hold, "could not be started");
    throw;
  }
}

void Jobs::run_command(Hold hold) {
  const hookhost::Kv kv = host_.kv();
  const std::string key = running_key(hold.dataset);
  const std::lock_guard lock(mutex_);  // reap must not see the end before running_ has it
  const pid_t pid = start_command(command_, hold.dataset, hold.commit);
  host_.info("started {} for {} at {}", command_, hold.dataset, hold.commit);
  if (kv.put_if(key, std::to_string(pid), hold.version, timeout_)) {
    if (const auto entry = kv.get_versioned(key)) hold.version = entry->version;
  }
  running_.push_back({pid, std::move(hold)});
}

void Jobs::call_url(const Hold& hold) {
  hookhost::JsonText body;
  body.value(hookhost::Object({{"dataset", hold.dataset}, {"commit", hold.commit}}));
  const std::string problem = post_json(url_, std::string(body.view()));
  if (!problem.empty()) throw std::runtime_error("the job's URL: " + problem);
  finished(hold, "was accepted");
}

// A command that the generation before this one has started: only we can see its end now.
void Jobs::adopt(const std::string& dataset) {
  const auto entry = host_.kv().get_versioned(running_key(dataset));
  const pid_t pid = entry ? to_pid(entry->value) : 0;
  if (pid == 0) return;
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(running_, pid, &Running::pid) != running_.end()) return;
  running_.push_back({pid, {dataset, "", entry->version}});
}

void Jobs::reap() {
  std::vector<std::pair<Hold, std::string>> ended;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](Running& job) {
      auto how = end_of(job.pid);
      if (!how) return false;
      ended.emplace_back(std::move(job.hold), *std::move(how));
      return true;
    });
  }
  for (const auto& [hold, how] : ended) finished(hold, how);
}

void Jobs::finished(const Hold& hold, std::string_view how) {
  host_.info("the job for {} {}", hold.dataset, how);
  host_.kv().remove(running_key(hold.dataset), hold.version);
  // A URL may take its time: its next job must not lengthen this call.
  const bool is_posted =
      command_.empty() && host_.post([this, dataset = hold.dataset] { start_next(dataset); });
  if (!is_posted) start_next(hold.dataset);
}

// Nobody waits for the answer of this one, so a failure is a line in the log.
void Jobs::start_next(const std::string& dataset) {
  try {
    if (auto hold = take_waiting(dataset)) launch(*std::move(hold));
  } catch (const std::exception& e) {
    host_.error("the job for {} was not started: {}", dataset, e.what());
  }
}
