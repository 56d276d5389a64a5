// SPDX-License-Identifier: Apache-2.0
#include "plugin/stress.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <thread>

#include "base/text.h"
#include "payload/mutation.h"
#include "plugin/endpoint_call.h"
#include "plugin/process_holdings.h"

namespace hookhost::plugin {
namespace {

// A mutation that the corridor refuses is followed by the next one. One event in thirty gets past
// the filter of an endpoint that wants a single kind; who refuses this many wants none of ours.
constexpr int kTriesMax = 512;
// The first life warms up: caches, arenas and threads of libraries are there after it.
constexpr std::uint64_t kFirstComparedSwap = 2;
// A thread that was joined is in the kernel's list a moment longer.
constexpr std::chrono::milliseconds kSettlePatience{500};
constexpr std::chrono::milliseconds kSettleStep{5};

Error finding(std::string message, std::string fix = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(fix)};
}

// One more life of the build, from a copy under a name that was never used before. Gone at the end
// in every case.
class Life {
 public:
  static Result<Life> begin(const StressSubject& subject, std::uint64_t number) {
    Life life;
    GenerationSource source = subject.source;
    source.library += fmt::format(".{}", number);
    std::error_code error;
    std::filesystem::copy_file(subject.source.library, source.library, error);
    if (error)
      return Error{ErrorCode::kUnavailable,
                   fmt::format("cannot copy the library again: {}", error.message()),
                   {}};
    life.copy_ = source.library;
    auto loaded = Generation::load(std::move(source), subject.services);
    if (!loaded) return std::move(loaded).error();
    life.generation_ = std::move(*loaded);
    if (Status created = life.generation_->create(number, subject.settings); !created)
      return std::move(created).error();
    if (Status activated = life.generation_->activate(); !activated)
      return std::move(activated).error();
    return life;
  }
  Life(Life&&) noexcept = default;
  Life& operator=(Life&&) = delete;
  ~Life() {
    if (generation_ != nullptr) static_cast<void>(end());
    if (std::error_code ignored; !copy_.empty()) std::filesystem::remove(copy_, ignored);
  }

  const std::shared_ptr<Generation>& generation() const noexcept { return generation_; }

  RetireReport end() {
    const RetireReport retired = generation_->retire(kRetirePatience);
    if (retired.held != 0) Generation::keep_for_ever(generation_);
    generation_.reset();
    return retired;
  }

 private:
  Life() = default;
  std::filesystem::path copy_;  // empty: moved from
  std::shared_ptr<Generation> generation_;
};

std::optional<Error> held(const RetireReport& retired) {
  if (retired.held == 0) return std::nullopt;
  return finding("after quiesce " + retired.pinned_reason,
                 "complete deferred calls and end posted functions in quiesce");
}

std::string mutated(payload::Mutation& mutation, PayloadForm form) {
  if (form == PayloadForm::kRaw) return mutation.bytes();
  return form == PayloadForm::kJson ? mutation.json() : mutation.event();
}

// The payloads of one endpoint, each handed in by itself.
class PayloadRun {
 public:
  PayloadRun(const std::shared_ptr<Generation>& generation, std::size_t index, std::uint64_t seed,
             StressObserver& observer, ProbeReport& report)
      : generation_(generation),
        endpoint_(generation->manifest().endpoints[index]),
        index_(index),
        seed_(seed),
        observer_(observer),
        report_(report) {}

  // Payloads first to last.
  Status run(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last && !is_slow_; ++number) {
      if (Status done = hand_in(number); !done) {
        report_.payload = fmt::format("{}:{}", endpoint_.name, number);
        return done;
      }
    }
    if (failed_ != 0)
      report_.notes.push_back(fmt::format("endpoint {}: {} of {} payloads failed, the first: {}",
                                          endpoint_.name, failed_, calls(), first_failure_));
    return {};
  }

 private:
  std::uint64_t& calls() { return report_.routes[index_].payloads; }

  Status hand_in(std::uint64_t number) {
    const std::string name =
        fmt::format("payload {} (seed {}) of endpoint {}{}", number, seed_, endpoint_.name,
                    generation_->check() == CheckLevel::kGuard ? " under guard" : "");
    observer_.phase(name, fmt::format("{}:{}", endpoint_.name, number));
    static_cast<void>(observer_.take_lines());
    const std::uint64_t violations = generation_->violations();
    payload::Mutation mutation(seed_, number);
    std::optional<CallResult> result;
    for (int tries = 0; !result && tries < kTriesMax; ++tries)
      result = call_endpoint(generation_, index_, mutated(mutation, endpoint_.form));
    if (!result) return {};
    ++calls();
    if (generation_->violations() != violations)
      return finding(fmt::format("{} broke a rule of the ABI: {}", name, words_about(*result)));
    if (result->kind == OutcomeKind::kPending)
      return finding(fmt::format("{} was deferred, cancelled after {} s and never completed", name,
                                 kHandlerPatience.count() / 1000),
                     "complete the call when cancel says so");
    judge(number, *result);
    return {};
  }

  // The log names the rule where the host refused something; else the outcome does.
  std::string words_about(const CallResult& result) {
    const std::vector<std::string> lines = observer_.take_lines();
    if (!lines.empty()) return printable(lines.back());
    return result.detail.empty() ? "a call was ended twice" : result.detail;
  }

  void judge(std::uint64_t number, const CallResult& result) {
    if (result.was_cancelled) {
      is_slow_ = true;
      report_.notes.push_back(
          fmt::format("endpoint {}: payload {} was deferred for more than {} s; it gets no more",
                      endpoint_.name, number, kHandlerPatience.count() / 1000));
      return;
    }
    if (result.kind != OutcomeKind::kFailed && result.kind != OutcomeKind::kDead) return;
    if (++failed_ == 1) first_failure_ = fmt::format("payload {}: {}", number, result.detail);
  }

  const std::shared_ptr<Generation>& generation_;
  const EndpointManifest& endpoint_;
  std::size_t index_;
  std::uint64_t seed_;
  StressObserver& observer_;
  ProbeReport& report_;
  bool is_slow_ = false;
  std::uint64_t failed_ = 0;
  std::string first_failure_;
};

// "x:17" of one of the endpoints.
struct OnlyPayload {
  std::size_t endpoint = 0;
  std::uint64_t number = 0;
};
Result<OnlyPayload> find_only(const Manifest& manifest, std::string_view only) {
  const std::size_t colon = only.rfind(':');
  const std::string_view name = only.substr(0, colon);
  OnlyPayload found;
  std::from_chars(only.data() + name.size() + 1, only.data() + only.size(), found.number);
  for (; found.endpoint < manifest.endpoints.size(); ++found.endpoint) {
    if (manifest.endpoints[found.endpoint].name == name) return found;
  }
  return finding(fmt::format("there is no endpoint {}", printable(name)));
}

Status hand_in_one(const std::shared_ptr<Generation>& generation, const Stress& stress,
                   StressObserver& observer, ProbeReport& report) {
  const auto only = find_only(generation->manifest(), stress.only);
  if (!only) return only.error();
  if (!is_called(generation->manifest().endpoints[only->endpoint], stress.calls_all))
    return finding(fmt::format("endpoint {} does not say IDEMPOTENT and is not called",
                               generation->manifest().endpoints[only->endpoint].name),
                   "--call-all, when its handler does no harm here");
  return PayloadRun(generation, only->endpoint, stress.seed, observer, report)
      .run(only->number, only->number);
}

Status hand_in_all(const std::shared_ptr<Generation>& generation, const Stress& stress,
                   StressObserver& observer, ProbeReport& report) {
  for (std::size_t i = 0; i < generation->manifest().endpoints.size(); ++i) {
    if (!is_called(generation->manifest().endpoints[i], stress.calls_all)) continue;
    if (Status done =
            PayloadRun(generation, i, stress.seed, observer, report).run(1, stress.payloads);
        !done)
      return done;
  }
  return {};
}

// On a thread that ends with the life, as the host's pool recycles its own: a thread-local
// destructor then does not pin the code.
void call_each_once(const std::shared_ptr<Generation>& generation, bool calls_all) {
  std::thread([&] {
    for (std::size_t i = 0; i < generation->manifest().endpoints.size(); ++i) {
      if (is_called(generation->manifest().endpoints[i], calls_all))
        static_cast<void>(call_with_sample(generation, i));
    }
  }).join();
}

// What grew and counts against the plugin: one that keeps itself loaded may keep its threads and
// its code, one that is pinned for another reason its code.
std::string growth_since(const ProcessHoldings& before, std::uint64_t swaps, bool is_pinned,
                         bool keeps_loaded) {
  using Kind = ProcessHoldings::Kind;
  std::string text;
  for (const auto& grown : before.growth(ProcessHoldings::take(), swaps - kFirstComparedSwap)) {
    if (grown.kind == Kind::kMappings && is_pinned) continue;
    if (grown.kind == Kind::kThreads && keeps_loaded) continue;
    text += fmt::format("{}{} after {} swaps: {}", text.empty() ? "" : "; ", grown.amount, swaps,
                        grown.names);
  }
  return text;
}

}  // namespace

bool is_called(const EndpointManifest& endpoint, bool calls_all) noexcept {
  return endpoint.is_idempotent || calls_all;
}

Status hand_in_payloads(const StressSubject& subject, const Stress& stress,
                        StressObserver& observer, ProbeReport& report) {
  observer.phase("a life for payloads", {});
  auto life = Life::begin(subject, 2);
  if (!life) return std::move(life).error();
  Status done = stress.only.empty() ? hand_in_all(life->generation(), stress, observer, report)
                                    : hand_in_one(life->generation(), stress, observer, report);
  observer.phase("quiesce and destroy after payloads", {});
  const auto stays = held(life->end());
  if (done && stays) return *stays;
  return done;
}

Status swap_often(const StressSubject& subject, const Stress& stress, StressObserver& observer,
                  ProbeReport& report) {
  std::optional<ProcessHoldings> before;
  bool keeps_loaded = false;
  for (std::uint64_t i = 1; i <= stress.swaps; ++i) {
    observer.phase(fmt::format("swap {}", i), {});
    auto life = Life::begin(subject, i + 2);
    if (!life) return std::move(life).error();
    keeps_loaded = (life->generation()->manifest().flags & HOOKHOST_PLUGIN_KEEP_LOADED) != 0;
    call_each_once(life->generation(), stress.calls_all);
    const RetireReport retired = life->end();
    if (auto stays = held(retired)) return *std::move(stays);
    report.swaps = i;
    if (!retired.was_unmapped) ++report.swaps_pinned;
    if (i == kFirstComparedSwap) before = ProcessHoldings::take();
  }
  if (!before) return {};
  observer.phase("the end of the swaps", {});
  const auto until = std::chrono::steady_clock::now() + kSettlePatience;
  for (;;) {
    const std::string grown =
        growth_since(*before, stress.swaps, report.swaps_pinned != 0, keeps_loaded);
    if (grown.empty()) return {};
    if (std::chrono::steady_clock::now() >= until)
      return finding(grown, "give back in destroy what create and the handlers take");
    std::this_thread::sleep_for(kSettleStep);
  }
}

}  // namespace hookhost::plugin
