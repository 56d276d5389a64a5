// SPDX-License-Identifier: Apache-2.0
#include "app/swap_news.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"

namespace hookhost::app {
namespace {

// A drain that takes longer gets a line of its own.
constexpr std::chrono::milliseconds kLineWaitsMax{1000};

SwapOutcome outcome_of(const plugin::RefusedPlugin& refused) {
  SwapOutcome outcome;
  outcome.line = {.kind = SwapLine::Kind::kRefused,
                  .file = refused.file.filename().native(),
                  .generation = refused.stays,
                  .reason = refused.reason,
                  .fix = refused.fix};
  outcome.cause = refused.cause;
  return outcome;
}

}  // namespace

SwapOutcome outcome_of(SwapLine::Kind kind, const plugin::LoadedPlugin& plugin) {
  SwapOutcome outcome{.line = {.kind = kind,
                               .file = plugin.file.filename().native(),
                               .generation = plugin.generation,
                               .before = plugin.replaces},
                      .plugin_id = plugin.id,
                      .build_id = plugin.build_id,
                      .routes = plugin.routes,
                      .note = {},
                      .build_id_before = plugin.replaced_build_id};
  if (kind == SwapLine::Kind::kRemoved) {
    outcome.line.before = std::exchange(outcome.line.generation, 0);
    outcome.build_id_before = std::exchange(outcome.build_id, {});
    outcome.routes.clear();
  }
  return outcome;
}

// Before anybody is told: whoever hears of it finds it in the counts and in the history.
void SwapNews::note(const SwapOutcome& outcome) {
  const SwapLine& line = outcome.line;
  counts_.add(line.kind, outcome.cause);
  history_.add({.at = clock_.now(),
                .result = result_of(line.kind),
                .file = line.file,
                .plugin_id = outcome.plugin_id,
                .generation = line.generation,
                .before = line.before,
                .build_id = outcome.build_id,
                .build_id_before = outcome.build_id_before,
                .cause = outcome.cause,
                .reason = line.reason,
                .fix = line.fix});
}

void SwapNews::note_pinned(const plugin::PluginEvent& event) {
  history_.add({.at = clock_.now(),
                .result = "pinned",
                .file = event.file,
                .plugin_id = event.id,
                .generation = event.generation,
                .build_id = event.build_id,
                .reason = event.reason});
}

void SwapNews::tell_start(const plugin::LoadReport& report) {
  for (const plugin::RefusedPlugin& refused : report.refused) {
    note(outcome_of(refused));
    tell_refused_at_start(refused);
  }
  for (const plugin::LoadedPlugin& loaded : report.loaded) {
    note(outcome_of(SwapLine::Kind::kLive, loaded));
    tell_notes_of(loaded);
  }
  // Of what could not even be a candidate, such as a folder that cannot be read, too.
  counts_.set_now(report.refused.size(), 0);
}

void SwapNews::tell_notes_of(const plugin::LoadedPlugin& loaded) {
  for (const std::string& text : loaded.notes)
    log_.write(telemetry::Level::kInfo, text, {{"plugin", loaded.file.filename().native()}});
}

void SwapNews::tell_configured(const plugin::LoadedPlugin& configured) {
  log_.write(
      telemetry::Level::kInfo, "settings taken over",
      {{"plugin", configured.file.filename().native()}, {"generation", configured.generation}});
}

// Names the file, what was found and what to do.
void SwapNews::tell_refused_at_start(const plugin::RefusedPlugin& refused) {
  const std::string file = refused.file.filename().native();
  if (!log_.is_pretty()) {
    log_.write(telemetry::Level::kError, "plugin refused",
               {{"plugin", file}, {"reason", refused.reason}, {"fix", refused.fix}});
    return;
  }
  std::string text =
      fmt::format("error: {} refused: {}\n", printable(file), printable(refused.reason));
  if (!refused.fix.empty()) text += fmt::format("  fix: {}\n", printable(refused.fix));
  log_.print(text);
}

void SwapNews::tell_refused(const plugin::RefusedPlugin& refused, ErrorCode code,
                            const SwapDone& done) {
  SwapOutcome outcome = outcome_of(refused);
  outcome.error = code;
  note(outcome);
  count();  // whoever reads the line finds it in the metrics
  log_swap(outcome.line, log_, clock_.now());
  done(outcome);
}

void SwapNews::tell_restless(const std::string& file) {
  log_swap({.kind = SwapLine::Kind::kRestless, .file = file}, log_, clock_.now());
}

void SwapNews::tell_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) {
    if (told_notes_.insert(note).second) log_.write(telemetry::Level::kInfo, note);
  }
}

void SwapNews::tell_no_way_back(const plugin::PluginEvent& failed, const Error& obstacle) {
  log_.write(telemetry::Level::kError, "plugin fails and cannot be rolled back",
             {{"plugin", failed.file},
              {"generation", failed.generation},
              {"reason", failed.reason},
              {"obstacle", obstacle.message},
              {"fix", obstacle.fix}});
}

void SwapNews::tell(SwapOutcome outcome, const SwapDone& done) {
  const SwapLine& line = outcome.line;
  note(outcome);
  // Whoever goes back does not wait for the last call.
  if (line.before != 0 && line.kind != SwapLine::Kind::kRolledBack) {
    pending_.push_back({std::move(outcome), done, clock_.monotonic_now()});
    return;
  }
  log_swap(line, log_, clock_.now());
  done(outcome);
}

void SwapNews::tell_drained(const plugin::PluginEvent& event) {
  history_.note_drain(event.file, event.generation, event.took, event.cut_off);
  const auto one = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.outcome.line.file == event.file &&
           pending.outcome.line.before == event.generation;
  });
  if (one == pending_.end()) return;  // it was gone back from, or never was live
  SwapLine& line = one->outcome.line;
  line.is_drained = true;
  line.took = event.took;
  line.cut_off = event.cut_off;
  log_swap(line, log_, clock_.now());
  if (!one->is_told) one->done(one->outcome);
  pending_.erase(one);
}

void SwapNews::tell_late() {
  for (Pending& one : pending_) {
    if (one.is_told || clock_.monotonic_now() - one.since < kLineWaitsMax) continue;
    one.is_told = true;
    log_swap(one.outcome.line, log_, clock_.now());
    one.done(one.outcome);
  }
}

void SwapNews::count() { counts_.set_now(registry_.refused_count(), registry_.pinned_count()); }

void SwapNews::stop() {
  for (Pending& one : std::exchange(pending_, {})) {
    if (!one.is_told) one.done(one.outcome);
  }
}

}  // namespace hookhost::app
