// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.h"

#include <functional>
#include <utility>

#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/own_thread.h"

namespace hookhost::plugin {

Loader::Loader(LoaderOptions options, std::shared_ptr<HostServices> services,
               const SettingsSource& settings)
    : options_(std::move(options)), services_(std::move(services)), settings_(settings) {}

void Loader::prepare(std::vector<Candidate>& candidates,
                     const std::function<bool(const Candidate&)>& is_known) {
  for (Candidate& candidate : candidates) {
    if (!candidate.error) stage(candidate, is_known);
  }
  if (options_.is_probed) try_in_child(candidates);
}

void Loader::stage(Candidate& candidate, const std::function<bool(const Candidate&)>& is_known) {
  // The name is only a guess at the id, but one that keeps disabled code from being touched.
  candidate.is_disabled = !settings_(candidate.file.stem().native()).enabled;
  if (candidate.is_disabled) return;
  if (!folder_) {
    auto created = StageFolder::create(options_.stage_dir);
    if (!created) {
      candidate.error = std::move(created).error();
      return;
    }
    folder_.emplace(std::move(*created));
  }
  auto staged = folder_->stage(candidate.source);
  if (!staged) {
    candidate.error = std::move(staged).error();
    return;
  }
  candidate.staged = std::move(*staged);
  candidate.is_known = is_known(candidate);
  if (candidate.is_known) return;
  candidate.step = SwapCause::kInspect;
  auto elf = inspect(candidate.staged.path);
  if (elf) {
    candidate.elf = std::move(*elf);
  } else {
    candidate.error = std::move(elf).error();
  }
}

void Loader::try_in_child(std::vector<Candidate>& candidates) {
  std::vector<ProbeSubject> subjects;
  std::vector<Candidate*> tried;
  for (Candidate& candidate : candidates) {
    if (candidate.error || candidate.is_disabled || candidate.is_known || candidate.is_way_back)
      continue;
    subjects.push_back({candidate.staged.path, candidate.file.filename().native()});
    tried.push_back(&candidate);
  }
  std::vector<ProbeReport> reports = probe(subjects, options_.probe, settings_);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    tried[i]->is_disabled = reports[i].is_disabled;
    if (reports[i].is_good || reports[i].is_disabled) continue;
    tried[i]->step = SwapCause::kProbe;
    tried[i]->error =
        Error{ErrorCode::kInvalid, std::move(reports[i].reason), std::move(reports[i].fix)};
  }
}

Result<Build> Loader::bring_up(Candidate& candidate, const Admission& admit,
                               Departures& departures) {
  std::shared_ptr<Generation> generation;
  const Status status = on_own_thread([&]() -> Status {
    candidate.step = SwapCause::kLoad;
    auto loaded = Generation::load(
        {candidate.staged.path, candidate.file.filename().native(), candidate.elf}, services_);
    if (!loaded) return std::move(loaded).error();
    generation = std::move(*loaded);
    PluginSettings settings = settings_(generation->manifest().id);
    candidate.is_disabled = !settings.enabled;  // its file had another name than it has
    if (candidate.is_disabled) return Error{ErrorCode::kDenied, "disabled by the operator", {}};
    candidate.step = SwapCause::kConflict;
    auto number = admit(*generation);
    if (!number) return std::move(number).error();
    candidate.step = SwapCause::kCreate;
    return generation->create(*number, std::move(settings));
  });
  if (status) return Build{candidate.file, std::move(generation), candidate.staged};
  if (generation != nullptr)
    departures.end_at_once({candidate.file, std::move(generation), candidate.staged});
  return status.error();
}

Status Loader::activate(Generation& generation) {
  return on_own_thread([&] { return generation.activate(); });
}

Result<bool> Loader::configure(Generation& generation, const std::string& config_json) {
  bool is_applied = false;
  const Status status = on_own_thread([&]() -> Status {
    auto applied = generation.apply_config(config_json);
    if (!applied) return std::move(applied).error();
    is_applied = *applied;
    return {};
  });
  if (!status) return status.error();
  return is_applied;
}

void Loader::discard(const StagedFile& staged) noexcept {
  if (folder_) folder_->remove(staged);
}

}  // namespace hookhost::plugin
