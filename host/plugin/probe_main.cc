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
#include "plugin/endpoint_call.h"
#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/probe_protocol.h"
#include "plugin/process_holdings.h"
#include "plugin/stress.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kNotesMax = 32;                // a screen; a plugin that logs more is noise
constexpr std::size_t kRequestBytesMax = 64U << 20;  // 256 plugins with the largest configuration
constexpr rlim_t kCpuSecondsMax = 60;          // of a batch; the parent's deadline is per plugin
constexpr rlim_t kStressCpuSecondsMax = 3600;  // of a check with many swaps and payloads

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

// One build in this process, from its library to its unmapping.
class Trial final : public StressObserver {
 public:
  Trial(std::size_t index, const ProbeRequest& request, std::shared_ptr<HostServices> services,
        std::shared_ptr<HostServices> guarding_services, NoteSink& sink)
      : index_(index),
        request_(request),
        order_(request.orders[index]),
        services_(std::move(services)),
        guarding_services_(std::move(guarding_services)),
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
      return send({index_, {}, {}, id, {}});
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
    if (const Status borne =
            bear({{order_.library, order_.name, *elf}, order_.settings, services_});
        !borne)
      return refuse(borne.error());
    report_.is_good = true;
    send({index_, {}, {}, {}, report_});
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

  void phase(std::string name, std::string payload = {}) override {
    send({index_, std::move(name), std::move(payload), {}, {}});
  }
  std::vector<std::string> take_lines() override { return sink_.take(); }

  Status bear(const StressSubject& subject) {
    const Stress& stress = request_.stress;
    if (stress.payloads != 0 || !stress.only.empty()) {
      if (Status done = hand_in_payloads(subject, stress, *this, report_); !done) return done;
      if (Status done = hand_in_guarded(subject); !done) return done;
    }
    return swap_often(subject, stress, *this, report_);
  }

  // The same payloads once more; what a view is worth after its call shows at no other level.
  Status hand_in_guarded(StressSubject subject) {
    subject.services = guarding_services_;
    ProbeReport report = report_;  // they are counted already
    Status done = hand_in_payloads(subject, request_.stress, *this, report);
    report_.payload = report.payload;
    return done;
  }

  void refuse(const Error& error) {
    report_.is_good = false;
    report_.reason = error.message;
    report_.fix = error.fix;
    send({index_, {}, {}, {}, report_});
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
                                std::string(name_of(endpoint.on_failure)),
                                is_called(endpoint, request_.stress.calls_all), 0});
  }

  Status live(const std::shared_ptr<Generation>& generation) {
    phase("create");
    if (Status created = generation->create(1, order_.settings); !created) return created;
    phase("activate");
    if (Status activated = generation->activate(); !activated) return activated;
    phase("the self-test");
    if (Status tested = generation->run_selftest(); !tested) return tested;
    if (request_.calls_handlers) {
      phase("a sample event");
      for (std::size_t i = 0; i < generation->manifest().endpoints.size(); ++i) {
        if (report_.routes[i].is_called) handle_sample(generation, i);
      }
    }
    return {};
  }

  // What comes of it is a note.
  void handle_sample(const std::shared_ptr<Generation>& generation, std::size_t index) {
    const auto result = call_with_sample(generation, index);
    if (!result) return;
    const std::string& name = generation->manifest().endpoints[index].name;
    if (result->was_cancelled)
      report_.notes.push_back(
          fmt::format("endpoint {}: a sample event was deferred and not completed within {} s",
                      name, kHandlerPatience.count() / 1000));
    if (result->kind == OutcomeKind::kFailed || result->kind == OutcomeKind::kDead)
      report_.notes.push_back(
          fmt::format("endpoint {}: a sample event failed: {}", name, result->detail));
  }

  std::size_t index_;
  const ProbeRequest& request_;
  const ProbeOrder& order_;
  std::shared_ptr<HostServices> services_, guarding_services_;
  NoteSink& sink_;
  ProbeReport report_;
};

// A child that goes wrong must not fill the disk or outlive its parent.
void limit_this_process(rlim_t cpu_seconds) {
  const rlimit no_core{0, 0};
  const rlimit cpu{cpu_seconds, cpu_seconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &cpu);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

}  // namespace

int run_probe() {
  const auto text = read_all(STDIN_FILENO);
  const auto request = text ? read_request(*text)
                            : Result<ProbeRequest>(Error{ErrorCode::kInvalid, "no request", {}});
  if (!request) {
    std::fprintf(stderr, "error: %s\n", request.error().message.c_str());
    return 2;
  }
  limit_this_process(request->stress.is_wanted() ? kStressCpuSecondsMax : kCpuSecondsMax);
  const SystemClock clock;
  NoteSink sink;
  ProbePool pool;
  const auto services_at = [&](CheckLevel level) {
    HostServicesOptions options;
    options.host_version = request->host_version;
    options.check = level;
    auto services = std::make_shared<HostServices>(
        options,
        HostDependencies{clock, sink, [&pool](Work& work) { return pool.try_post(work); }});
    services->timers().start_thread();  // or it would be taken for a plugin's
    return services;
  };
  const auto services = services_at(request->check);
  std::shared_ptr<HostServices> guarding_services;
  if (request->stress.is_wanted()) guarding_services = services_at(CheckLevel::kGuard);
  for (std::size_t i = 0; i < request->orders.size(); ++i)
    Trial(i, *request, services, guarding_services, sink).run();
  // No destructors: a plugin that was held may still run, and everything has been said.
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace hookhost::plugin
