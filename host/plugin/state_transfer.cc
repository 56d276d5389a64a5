// SPDX-License-Identifier: Apache-2.0
#include "plugin/state_transfer.h"

#include <fmt/format.h>
#include <hookhost/ext/state.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "plugin/own_thread.h"

namespace hookhost::plugin {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHoldMax{HOOKHOST_STATE_HOLD_MS};
// The rest is for save and load.
constexpr milliseconds kCallsEndWithin{150};

// Nobody lets go of a generation while a function of it runs on a thread that nobody waits for.
class InUse {
 public:
  explicit InUse(std::shared_ptr<Generation> generation) : generation_(std::move(generation)) {
    generation_->uses().hold();
  }
  ~InUse() { generation_->uses().leave(); }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  Generation& operator*() const noexcept { return *generation_; }
  Generation* operator->() const noexcept { return generation_.get(); }

 private:
  std::shared_ptr<Generation> generation_;
};

// One move, which may outlast the patience of the host.
struct Move {
  Move(std::shared_ptr<Generation> its_from, std::shared_ptr<Generation> its_to)
      : from(std::move(its_from)), to(std::move(its_to)) {}
  InUse from, to;
  std::atomic<const char*> at{"save"};
  std::atomic<bool> is_given_up{false};
  std::size_t bytes = 0;
  std::uint32_t version = 0;
  bool is_unknown = false;

  Status run() {
    auto saved = from->save_state();
    if (!saved) return std::move(saved).error();
    if (is_given_up) return {};  // the newcomer is on its way out
    bytes = saved->bytes.size();
    version = saved->version;
    at = "load";
    Status loaded = to->load_state(*saved);
    is_unknown = !loaded && loaded.error().code == ErrorCode::kNotFound;
    return is_unknown ? Status{} : loaded;
  }
};

}  // namespace

Status StateTransfer::begin(const std::shared_ptr<Generation>& from,
                            const std::shared_ptr<Generation>& to) {
  auto has_state = to->has_state();
  if (!has_state) return std::move(has_state).error();
  if (!*has_state) return {};
  auto had_state = from->has_state();
  if (!had_state || !*had_state) return {};  // what serves is as good as it was
  if (successions_.empty()) until_ = std::chrono::steady_clock::now() + kHoldMax;
  from->held_calls().hold();
  successions_.push_back({from, to});
  return {};
}

Result<std::string> StateTransfer::move(const std::shared_ptr<Generation>& to) {
  const auto one = std::ranges::find(successions_, to, &Succession::to);
  return one == successions_.end() ? std::string() : move(*one);
}

Result<std::string> StateTransfer::move(const Succession& one) {
  const auto busy = [&](std::string what) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("the state of gen {} could not be handed over: {}", one.from->number(),
                             std::move(what)),
                 "touch the file, or hookhost deploy it, to try again"};
  };
  if (!one.from->wait_until_unused(until_ - kHoldMax + kCallsEndWithin))
    return busy(fmt::format("{} of its calls did not end within {} ms", one.from->in_flight(),
                            kCallsEndWithin.count()));
  const auto move = std::make_shared<Move>(one.from, one.to);
  const std::optional<Status> status = on_own_thread_until(until_, [move] { return move->run(); });
  if (!status) {
    move->is_given_up = true;
    return busy(fmt::format("{} had not ended when calls had waited {} ms", move->at.load(),
                            kHoldMax.count()));
  }
  if (!*status) return status->error();
  if (!move->is_unknown)
    return fmt::format("took over {} bytes of state of gen {}", move->bytes, one.from->number());
  const std::string unknown = fmt::format("does not know the state of gen {} (version {})",
                                          one.from->number(), move->version);
  if (policy_ == UnknownState::kRefuse)
    return Error{ErrorCode::kInvalid, unknown,
                 "teach load that version, or swap.unknown_state = \"fresh\""};
  return unknown + " and starts afresh";
}

void StateTransfer::pass_on(const routing::RouteTables& tables) {
  for (const Succession& one : std::exchange(successions_, {}))
    one.from->held_calls().pass_on(one.to,
                                   WayTo(tables, one.from->manifest().id, one.from->number()));
}

void StateTransfer::give_back() {
  for (const Succession& one : std::exchange(successions_, {})) one.from->held_calls().give_back();
}

void StateTransfer::give_back(const Generation& from) {
  const auto one = std::ranges::find_if(
      successions_, [&](const Succession& succession) { return succession.from.get() == &from; });
  if (one == successions_.end()) return;
  one->from->held_calls().give_back();
  successions_.erase(one);
}

}  // namespace hookhost::plugin
