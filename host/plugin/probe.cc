// SPDX-License-Identifier: Apache-2.0
//
// The parent's plan: all builds go to one child, in order, since starting a process costs more than
// trying a build. When the child dies, the build it was at gets a child of its own, and the rest
// another one. A build that dies alone is refused. One that does not die alone was not the cause:
// then each one before it in the dead child is tried alone too. When a build takes long, the ones
// behind it go on in another child, so that one that hangs delays none.
#include "plugin/probe.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/text.h"
#include "plugin/inspect.h"
#include "plugin/probe_child.h"
#include "plugin/staging.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kChildrenMax = 4;  // at once; more would only compete for the cores
constexpr std::chrono::milliseconds kPatience{250};  // then the builds behind a slow one move on

class Probe {
 public:
  Probe(std::span<const ProbeSubject> subjects, const ProbeOptions& options,
        const SettingsSource& settings)
      : subjects_(subjects), options_(options), settings_(settings), states_(subjects.size()) {}

  std::vector<ProbeReport> run() {
    Batch all;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      states_[i].id = std::filesystem::path(subjects_[i].name).stem().native();
      all.push_back(i);
    }
    if (!all.empty()) waiting_.push_back(std::move(all));
    while (!waiting_.empty() || !children_.empty()) {
      start_waiting();
      watch();
    }
    std::vector<ProbeReport> reports;
    for (State& state : states_) reports.push_back(std::move(state.report));
    return reports;
  }

 private:
  using Batch = std::vector<std::size_t>;
  struct State {
    ProbeReport report;
    std::string id;  // whose settings it gets
    bool was_renamed = false;
    Batch suspects;  // who was in the dead child before it
  };

  void start_waiting() {
    while (!waiting_.empty() && children_.size() < kChildrenMax) {
      Batch batch = std::move(waiting_.front());
      waiting_.pop_front();
      start(std::move(batch));
    }
  }

  void start(Batch batch) {
    ProbeRequest request{
        options_.host_version, options_.calls_handlers, options_.stress, options_.check, {}};
    Batch tried;
    for (const std::size_t i : batch) {
      PluginSettings settings = settings_(states_[i].id);
      states_[i].report.is_disabled = !settings.enabled;
      if (!settings.enabled) continue;
      request.orders.push_back(
          {subjects_[i].library.native(), subjects_[i].name, states_[i].id, std::move(settings)});
      tried.push_back(i);
    }
    if (tried.empty()) return;
    auto child = ProbeChild::start(options_, request, tried);
    if (!child) {
      for (const std::size_t i : tried) refuse(i, child.error().message);
      return;
    }
    child->give_time(options_.timeout);
    children_.push_back(std::make_unique<ProbeChild>(std::move(*child)));
  }

  void watch() {
    if (children_.empty()) return;
    std::vector<pollfd> events;
    MonotonicTime next = children_.front()->deadline();
    for (const auto& child : children_) {
      for (const int fd : {child->process_fd(), child->verdict_fd(), child->output_fd()})
        events.push_back({fd, POLLIN, 0});
      next = std::min(next, has_others_waiting(*child) ? slow_at(*child) : child->deadline());
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - now());
    ::poll(events.data(), events.size(), static_cast<int>(std::max<std::int64_t>(wait.count(), 0)));
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!look_after(*children_[i], events[3 * i].revents != 0)) children_[i].reset();
    }
    std::erase(children_, nullptr);
  }

  static bool has_others_waiting(const ProbeChild& child) { return child.end - child.verdicts > 1; }
  MonotonicTime slow_at(const ProbeChild& child) const {
    return child.deadline() - options_.timeout + std::min(kPatience, options_.timeout);
  }

  // False: the child is done with.
  bool look_after(ProbeChild& child, bool has_ended) {
    hear(child);
    if (has_ended) return bury(child), false;
    if (child.verdicts == child.end) return false;  // what it does from here on is its own matter
    if (child.is_late()) return give_up(child), false;
    if (has_others_waiting(child) && now() >= slow_at(child)) move_others(child);
    return true;
  }

  void hear(ProbeChild& child) {
    child.read();
    while (const auto message = child.next_message()) take(child, *message);
  }

  void take(ProbeChild& child, const ProbeMessage& message) {
    if (!message.phase.empty()) {
      child.phase = message.phase;
      child.payload = message.payload;
      if (options_.stress.is_wanted()) child.give_time(options_.timeout);
      return;
    }
    const std::size_t subject = child.subjects()[child.verdicts];
    child.phase.clear();
    ++child.verdicts;
    child.give_time(options_.timeout);
    State& state = states_[subject];
    if (!message.wants.empty() && !std::exchange(state.was_renamed, true)) {
      state.id = message.wants;
      waiting_.push_back({subject});
      return;
    }
    if (!message.verdict) return refuse(subject, "the probe child answered nonsense");
    state.report = *message.verdict;
    if (child.subjects().size() != 1) return;
    state.report.output = printable(child.output(), 4096);
    // It did not die alone: somebody before it in the dead child may have done the damage.
    for (const std::size_t suspect : std::exchange(state.suspects, {})) {
      states_[suspect].suspects.clear();
      waiting_.push_back({suspect});
    }
  }

  void move_others(ProbeChild& child) {
    const auto& subjects = child.subjects();
    const std::size_t first = child.verdicts + 1;
    waiting_.push_back({subjects.begin() + static_cast<std::ptrdiff_t>(first),
                        subjects.begin() + static_cast<std::ptrdiff_t>(child.end)});
    child.end = first;
  }

  // It has ended; perhaps not for everything with an answer.
  void bury(ProbeChild& child) {
    const std::string end = child.wait_for_end();
    hear(child);
    if (child.verdicts == child.end) return;
    const auto& subjects = child.subjects();
    if (child.phase.empty() && child.verdicts == 0) {
      for (std::size_t i = 0; i < child.end; ++i)
        refuse(subjects[i], fmt::format("the probe child {} before it tried anything", end));
      return;
    }
    const std::size_t culprit = subjects[child.verdicts];
    if (has_others_waiting(child)) move_others(child);
    if (subjects.size() > 1) {
      states_[culprit].suspects.assign(
          subjects.begin(), subjects.begin() + static_cast<std::ptrdiff_t>(child.verdicts));
      waiting_.push_back({culprit});
      return;
    }
    refuse_stray(culprit, child, fmt::format("{} during {}", end, phase_of(child)),
                 "try it alone: hookhost check " + subjects_[culprit].name);
    states_[culprit].report.output = printable(child.output(), 4096);
  }

  void give_up(ProbeChild& child) {
    refuse_stray(child.subjects()[child.verdicts], child,
                 fmt::format("did not come back from {} within {} s", phase_of(child),
                             std::chrono::duration<double>(options_.timeout).count()),
                 "do slow work in a timer or on the pool, after activate");
    if (has_others_waiting(child)) move_others(child);
  }

  // What ends a process while a library is loaded is a constructor or a damaged file.
  static std::string phase_of(const ProbeChild& child) {
    return child.phase.empty() ? "start" : child.phase;
  }

  // One that did not come back from its phase. Who asked for stress is told more than the fix says.
  void refuse_stray(std::size_t subject, const ProbeChild& child, std::string reason,
                    std::string fix) {
    refuse(subject, std::move(reason),
           options_.stress.is_wanted() ? std::string() : std::move(fix));
    states_[subject].report.did_not_return = true;
    states_[subject].report.payload = child.payload;
  }

  void refuse(std::size_t subject, std::string reason, std::string fix = {}) {
    ProbeReport& report = states_[subject].report;
    report.is_good = false;
    report.reason = std::move(reason);
    report.fix = std::move(fix);
  }

  static MonotonicTime now() { return SystemClock().monotonic_now(); }

  std::span<const ProbeSubject> subjects_;
  const ProbeOptions& options_;
  const SettingsSource& settings_;
  std::vector<State> states_;
  std::deque<Batch> waiting_;
  std::vector<std::unique_ptr<ProbeChild>> children_;
};

}  // namespace

std::vector<ProbeReport> probe(std::span<const ProbeSubject> subjects, const ProbeOptions& options,
                               const SettingsSource& settings) {
  return Probe(subjects, options, settings).run();
}

ProbeReport check_file(const std::filesystem::path& file, const std::filesystem::path& stage_dir,
                       const ProbeOptions& options, const SettingsSource& settings) {
  const auto refused = [](const Error& error) {
    ProbeReport report;
    report.reason = error.message;
    report.fix = error.fix;
    return report;
  };
  auto folder = StageFolder::create(stage_dir);
  if (!folder) return refused(folder.error());
  const auto staged = folder->stage(file);
  if (!staged) return refused(staged.error());
  if (const auto elf = inspect(staged->path); !elf) return refused(elf.error());
  const ProbeSubject subject{staged->path, file.filename().native()};
  // A check is asked for: it also tries what the operator has switched off.
  const auto enabled = [&settings](std::string_view id) {
    PluginSettings of_plugin = settings(id);
    of_plugin.enabled = true;
    return of_plugin;
  };
  return probe({&subject, 1}, options, enabled).front();
}

bool has_same_secrets(const PluginSettings& a, const PluginSettings& b) {
  return std::ranges::equal(a.secrets, b.secrets, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.reveal() == other.second.reveal();
  });
}

}  // namespace hookhost::plugin
