// SPDX-License-Identifier: Apache-2.0
//
// SwapNews: who hears of a swap, and when. Every change is one line of the log; a line about a
// build that was replaced waits for its drain, and so does the command that asked for it. Counts
// and keeps what has happened. Control thread, unless a function says otherwise.
//
//   tell() -> line and answer at once             (nothing was replaced)
//          -> kept -> tell_drained() or tell_late() -> line and answer
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "app/swap_counts.h"
#include "app/swap_history.h"
#include "app/swap_line.h"
#include "base/clock.h"
#include "base/result.h"
#include "plugin/registry.h"
#include "telemetry/log.h"

namespace hookhost::app {

// What became of a command.
struct SwapOutcome {
  SwapLine line;  // as the log has it; a refusal has reason, fix and the generation that stays
  std::string plugin_id;  // of what is live now; empty: nothing came
  std::string build_id;
  std::vector<std::string> routes;
  std::string note;                       // what else the operator should know; empty: nothing
  ErrorCode error = ErrorCode::kInvalid;  // of a refusal
  plugin::SwapCause cause = plugin::SwapCause::kNone;
  std::string build_id_before = {};  // of line.before
  bool is_refused() const noexcept { return line.kind == SwapLine::Kind::kRefused; }
};
// Called once, on the control thread, maybe before the command returns.
using SwapDone = std::function<void(const SwapOutcome&)>;

class SwapNews {
 public:
  // All of it outlives this.
  SwapNews(const plugin::Registry& registry, telemetry::Log& log, const Clock& clock)
      : registry_(registry), log_(log), clock_(clock) {}

  // What came of each file when the host started. Stops nothing.
  void tell_start(const plugin::LoadReport& report);

  void tell(SwapOutcome outcome, const SwapDone& done);
  void tell_refused(const plugin::RefusedPlugin& refused, ErrorCode code, const SwapDone& done);
  // What the operator should know about a build that has come.
  void tell_notes_of(const plugin::LoadedPlugin& loaded);
  // The build that runs goes by new settings.
  void tell_configured(const plugin::LoadedPlugin& configured);
  void tell_restless(const std::string& file);
  // About a route table; each is told once.
  void tell_notes(const std::vector<std::string>& notes);
  void tell_no_way_back(const plugin::PluginEvent& failed, const Error& obstacle);

  // The replaced generation of a line that waits has ended.
  void tell_drained(const plugin::PluginEvent& event);
  // The log has it already.
  void note_pinned(const plugin::PluginEvent& event);
  // Lines that have waited for long enough.
  void tell_late();

  // From the moment a change has settled until its builds are live.
  void count_swap(std::chrono::nanoseconds took) noexcept { counts_.add_swap(took); }
  // Brings what is refused and pinned now into the counts.
  void count();

  // Answers the commands that still wait for a drain.
  void stop();

  const SwapCounts& counts() const noexcept { return counts_; }  // any thread
  const SwapHistory& history() const noexcept { return history_; }

 private:
  // A line that waits for the drain of what it replaced, and who wants to know.
  struct Pending {
    SwapOutcome outcome;
    SwapDone done;
    MonotonicTime since;
    bool is_told = false;
  };

  void note(const SwapOutcome& outcome);
  void tell_refused_at_start(const plugin::RefusedPlugin& refused);

  const plugin::Registry& registry_;
  telemetry::Log& log_;
  const Clock& clock_;
  std::vector<Pending> pending_;
  std::set<std::string> told_notes_;
  SwapCounts counts_;
  SwapHistory history_;
};

// What a change of the registry looks like to whoever is told.
SwapOutcome outcome_of(SwapLine::Kind kind, const plugin::LoadedPlugin& plugin);

}  // namespace hookhost::app
