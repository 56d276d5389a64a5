// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_main.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <thread>

#include "base/mutex.h"
#include "base/text.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"
#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/probe_protocol.h"
#include "plugin/process_marks.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kNotesMax = 32;                // a screen; a plugin that logs more is noise
constexpr std::size_t kRequestBytesMax = 64U << 20;  // 256 plugins with the largest configuration
constexpr std::chrono::milliseconds kHandlerPatience{2000};
constexpr std::chrono::milliseconds kRetirePatience{500};

// What the Hub sends when a commit is pushed to a dataset.
constexpr std::string_view kSampleEvent =
    R"({"event":{"action":"update","scope":"repo.content"},)"
    R"("repo":{"type":"dataset","name":"hookhost/sample","id":"6366c000a2abcdf2fd69a080",)"
    R"("private":false,"headSha":"1ab2c34d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b",)"
    R"("url":{"web":"https://huggingface.co/datasets/hookhost/sample",)"
    R"("api":"https://huggingface.co/api/datasets/hookhost/sample"},"tags":[],)"
    R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},)"
    R"("updatedRefs":[{"ref":"refs/heads/main","oldSha":null,)"
    R"("newSha":"1ab2c34d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"}],)"
    R"("webhook":{"id":"6390e855e30d9209411de93b","version":3}})";

// One thread, as the host's pool would be to the plugin.
class ProbePool {
 public:
  ProbePool() : thread_([this] { work(); }) {}
  ~ProbePool() {
    {
      const MutexLock lock(mutex_);
      is_ending_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }
  bool try_post(Work& work) {
    constexpr std::size_t kQueueMax = 1024;
    const MutexLock lock(mutex_);
    if (queue_.size() == kQueueMax) return false;
    queue_.push_back(&work);
    changed_.notify_all();
    return true;
  }

 private:
  Work* next() {
    const MutexLock lock(mutex_);
    while (queue_.empty() && !is_ending_) changed_.wait(mutex_);
    if (queue_.empty()) return nullptr;
    Work* work = queue_.front();
    queue_.pop_front();
    return work;
  }
  void work() {
    while (Work* work = next()) work->run(*work);
  }

  Mutex mutex_;
  Condition changed_;
  std::deque<Work*> queue_ HOOKHOST_GUARDED_BY(mutex_);
  bool is_ending_ HOOKHOST_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Warnings and errors become notes of the report.
class NoteSink final : public LogSink {
 public:
  void write(const LogLine& line) noexcept override {
    if (line.level < LogLevel::kWarn) return;
    const MutexLock lock(mutex_);
    if (notes_.size() < kNotesMax) notes_.emplace_back(line.message);
  }
  std::vector<std::string> take() {
    const MutexLock lock(mutex_);
    return std::exchange(notes_, {});
  }

 private:
  Mutex mutex_;
  std::vector<std::string> notes_ HOOKHOST_GUARDED_BY(mutex_);
};

void send(const ProbeMessage& message) {
  const std::string line = write_message(message);
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written = ::write(kVerdictFd, line.data() + done, line.size() - done);
    if (written <= 0) ::_exit(3);  // nobody listens, or the plugin has closed it
    done += static_cast<std::size_t>(written);
  }
}

std::optional<std::string> read_all(int fd) {
  std::string text;
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    const ssize_t bytes = ::read(fd, buffer.data(), buffer.size());
    if (bytes < 0) return std::nullopt;
    if (bytes == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
    if (text.size() > kRequestBytesMax) return std::nullopt;
  }
}

// An attempt that nobody waits for but this process.
class SampleAttempt final : public Attempt {
 public:
  void finish(const Outcome& outcome) noexcept override {
    const MutexLock lock(mutex_);
    outcome_ = outcome;
    changed_.notify_all();
  }
  std::optional<Outcome> wait() {
    const auto until = SystemClock().monotonic_now() + kHandlerPatience;
    const MutexLock lock(mutex_);
    while (!outcome_ && SystemClock().monotonic_now() < until) changed_.wait_until(mutex_, until);
    return outcome_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::optional<Outcome> outcome_ HOOKHOST_GUARDED_BY(mutex_);
};

// One build in this process, from its library to its unmapping.
class Trial {
 public:
  Trial(std::size_t index, const ProbeRequest& request, std::shared_ptr<HostServices> services,
        NoteSink& sink)
      : index_(index),
        request_(request),
        order_(request.orders[index]),
        services_(std::move(services)),
        sink_(sink) {}

  void run() {
    phase("loading");
    const std::size_t threads = thread_count();
    auto elf = inspect(order_.library);
    if (!elf) return refuse(elf.error());
    auto loaded = Generation::load({order_.library, order_.name, *elf}, services_);
    if (!loaded) return refuse(loaded.error());
    std::shared_ptr<Generation> generation = std::move(*loaded);
    if (generation->manifest().id != order_.id) {
      // A wish is answered with a new order: this one ends here.
      const std::string id = generation->manifest().id;
      generation->retire(kRetirePatience);
      generation.reset();
      return send({index_, {}, id, {}});
    }
    describe(generation->manifest(), *elf);
    const Status lived = live(generation);
    phase("quiesce and destroy");
    const RetireReport retired = generation->retire(kRetirePatience);
    if (retired.held != 0) Generation::keep_for_ever(generation);
    report_.was_unmapped = retired.was_unmapped;
    report_.pinned_reason = retired.pinned_reason;
    for (std::string& note : sink_.take()) report_.notes.push_back(std::move(note));
    if (!lived) return refuse(lived.error());
    if (retired.held != 0)
      return refuse({ErrorCode::kInvalid, "after quiesce " + retired.pinned_reason,
                     "complete deferred calls and end posted functions in quiesce"});
    if (retired.was_unmapped && !wait_for_threads(threads))
      return refuse({ErrorCode::kInvalid,
                     "a thread of it still runs after destroy, and its code is gone",
                     "end threads in quiesce, use hookhost.pool, or say KEEP_LOADED"});
    report_.is_good = true;
    send({index_, {}, {}, report_});
  }

 private:
  // A thread that was joined may be counted for a moment longer.
  static bool wait_for_threads(std::size_t most) {
    const auto until = SystemClock().monotonic_now() + kRetirePatience;
    while (thread_count() > most) {
      if (SystemClock().monotonic_now() >= until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  void phase(std::string name) { send({index_, std::move(name), {}, {}}); }

  void refuse(const Error& error) {
    report_.is_good = false;
    report_.reason = error.message;
    report_.fix = error.fix;
    send({index_, {}, {}, report_});
  }

  void describe(const Manifest& manifest, const ElfReport& elf) {
    report_.id = manifest.id;
    report_.version = manifest.version;
    report_.build_id = manifest.build_id;
    report_.abi_minor_built = manifest.abi_minor_built;
    report_.abi_minor_required = manifest.abi_minor_required;
    report_.notes = manifest.notes;
    for (std::string& note : notes_about(elf)) report_.notes.push_back(std::move(note));
    for (const EndpointManifest& endpoint : manifest.endpoints)
      report_.routes.push_back({endpoint.name, endpoint.path, std::string(name_of(endpoint.form)),
                                std::string(name_of(endpoint.place)),
                                std::string(name_of(endpoint.ack)),
                                std::string(name_of(endpoint.on_failure))});
  }

  Status live(const std::shared_ptr<Generation>& generation) {
    phase("create");
    const ProcessMarks before = ProcessMarks::take();
    Status created = generation->create(1, order_.settings);
    if (const std::string changed = before.difference(ProcessMarks::take()); !changed.empty())
      report_.notes.push_back("create changed " + changed + " of the whole process");
    if (!created) return created;
    phase("activate");
    if (Status activated = generation->activate(); !activated) return activated;
    phase("the self-test");
    if (Status tested = generation->run_selftest(); !tested) return tested;
    if (request_.calls_handlers) {
      phase("a sample event");
      for (std::size_t i = 0; i < generation->manifest().endpoints.size(); ++i) {
        if (generation->manifest().endpoints[i].is_idempotent) handle_sample(generation, i);
      }
    }
    return {};
  }

  // Only where the author said that it may run again without harm. What comes of it is a note.
  void handle_sample(const std::shared_ptr<Generation>& generation, std::size_t index) {
    const EndpointManifest& endpoint = generation->manifest().endpoints[index];
    std::string body(kSampleEvent);
    body.append(payload::kPaddingBytes, '\0');
    auto* arena = new Arena;  // both live as long as the handler likes
    auto* attempt = new SampleAttempt;
    attempt->body = arena->copy(body).substr(0, kSampleEvent.size());
    payload::Parser parser;
    if (endpoint.form != PayloadForm::kRaw) {
      const auto form =
          endpoint.form == PayloadForm::kJson ? payload::Form::kJson : payload::Form::kHub;
      const auto document =
          payload::understand(parser, form, "application/json", attempt->body, *arena);
      if (!document) return;
      attempt->index = document->index;
    }
    static const RequestHead kHead{
        "POST", "/webhooks/sample", "/webhooks/sample", {}, {}, "127.0.0.1:1", {}};
    attempt->head = &kHead;
    attempt->path = endpoint.path;
    attempt->event_id = "evt_0000000000000";
    attempt->received_at = SystemClock().monotonic_now();
    attempt->arena = arena;
    Outcome outcome = Generation::handler(generation, index)->handle(*attempt);
    std::optional<Outcome> end = outcome;
    if (outcome.kind == OutcomeKind::kPending) end = attempt->wait();
    if (!end)
      return report_.notes.push_back(
          fmt::format("endpoint {}: a sample event was deferred and not completed within {} s",
                      endpoint.name, kHandlerPatience.count() / 1000));
    if (end->kind == OutcomeKind::kFailed || end->kind == OutcomeKind::kDead)
      report_.notes.push_back(fmt::format("endpoint {}: a sample event failed: {}", endpoint.name,
                                          printable(end->detail)));
    release_chunks(end->response);
    delete attempt;
    delete arena;
  }

  std::size_t index_;
  const ProbeRequest& request_;
  const ProbeOrder& order_;
  std::shared_ptr<HostServices> services_;
  NoteSink& sink_;
  ProbeReport report_;
};

// A child that goes wrong must not fill the disk or outlive its parent.
void limit_this_process() {
  constexpr rlim_t kCpuSeconds = 60;  // a batch of plugins; the parent's deadline is per plugin
  const rlimit no_core{0, 0};
  const rlimit cpu{kCpuSeconds, kCpuSeconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &cpu);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

}  // namespace

int run_probe() {
  limit_this_process();
  const auto text = read_all(STDIN_FILENO);
  const auto request = text ? read_request(*text)
                            : Result<ProbeRequest>(Error{ErrorCode::kInvalid, "no request", {}});
  if (!request) {
    std::fprintf(stderr, "error: %s\n", request.error().message.c_str());
    return 2;
  }
  const SystemClock clock;
  NoteSink sink;
  ProbePool pool;
  HostServicesOptions options;
  options.host_version = request->host_version;
  const auto services = std::make_shared<HostServices>(
      options, HostDependencies{clock, sink, [&pool](Work& work) { return pool.try_post(work); }});
  services->timers().start_thread();  // or it would be taken for a plugin's
  for (std::size_t i = 0; i < request->orders.size(); ++i) Trial(i, *request, services, sink).run();
  // No destructors: a plugin that was held may still run, and everything has been said.
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace hookhost::plugin
