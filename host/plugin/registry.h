// SPDX-License-Identifier: Apache-2.0
//
// Registry: every plugin that is loaded, by id, and why the others are not. It loads a folder or a
// file (stage, inspect, probe, load, create, activate), hands out the routes, swaps builds while
// they serve, keeps the build before at hand until the new one has proved itself, and lets
// everything go again. One bad plugin costs the others nothing. Control thread only, unless a
// function says otherwise.
//
//   update(), deploy(), roll_back() -> routes() are published -> commit()
//                                   -> they cannot be         -> undo()
//   tend() meanwhile, by tend_by():
//
//   live --replaced--> standby --the new build proved itself--> leaving --> ending --> gone, pinned
//    ^                    |         (without probation at once)
//    +------roll_back-----+
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "plugin/check_level.h"
#include "plugin/folder_watch.h"
#include "plugin/generation_status.h"
#include "plugin/host_dependencies.h"
#include "plugin/probation.h"
#include "plugin/probe.h"
#include "plugin/staging.h"
#include "plugin/swap_cause.h"
#include "plugin/unknown_state.h"
#include "routing/route.h"
#include "routing/route_table.h"

namespace hookhost::plugin {

struct RegistryOptions {
  // Private copies of the libraries go below it, into a folder of this process that is removed at
  // the end. Must not be mounted noexec.
  std::filesystem::path stage_dir;
  std::string host_version;
  // False: load without the child process that tries every build first. A crash while loading then
  // ends the host.
  bool is_probed = true;
  ProbeOptions probe;
  // False when HF_HUB_DISABLE_EXPERIMENTAL_WARNING=1 is set (seed row A02): a plugin that asks for
  // a draft extension does not warn.
  bool warns_experimental = true;
  // How long shut_down() waits for calls to end before it cancels them, and then once more for
  // plugins to let go. What is still held afterwards stays loaded, since its code may run.
  std::chrono::milliseconds drain{1000};
  // How long calls of a replaced generation may go on before they are cancelled.
  std::chrono::milliseconds swap_drain{30'000};
  ProbationOptions probation = {};
  // A build that does not know the state of the one before.
  UnknownState unknown_state = UnknownState::kFresh;
  CheckLevel check = CheckLevel::kBasic;  // in the child process too
  // Generations of one file whose code could not be unloaded. Each costs its size; beyond it no
  // further build of the file is loaded.
  std::size_t pinned_max = 8;
  // When to look whether a recycled thread has let go of a build; then after twice that, and so on.
  std::chrono::milliseconds first_look{100};
};

struct LoadedPlugin {
  std::filesystem::path file;
  std::string id, version, build_id;
  std::uint64_t generation = 1;
  std::uint64_t replaces = 0;  // the generation that served its file before; 0: none
  std::string replaced_build_id;
  std::vector<std::string> routes;  // "/webhooks/retrain"
  std::vector<std::string> notes;   // what the operator should know, one sentence each
};

struct RefusedPlugin {
  std::filesystem::path file;
  std::string reason;       // names the field, what was found and what is needed
  std::string fix;          // empty: nothing is known
  std::uint64_t stays = 0;  // the generation of this file that goes on serving; 0: none
  SwapCause cause = SwapCause::kStage;
};

struct LoadReport {
  std::vector<LoadedPlugin> loaded;  // in the order of their file names
  std::vector<RefusedPlugin> refused;
  std::vector<std::filesystem::path> disabled;  // by the operator; their code was not run
  std::vector<LoadedPlugin> removed;            // by update(): their file is gone
  std::vector<LoadedPlugin> configured;         // by reload(): they go by the new settings
};

// What tend() has seen happen.
struct PluginEvent {
  enum class Kind : std::uint8_t {
    kDrained,          // nobody calls the replaced generation any more
    kProved,           // the live generation needs no way back
    kFailedProbation,  // told once: roll_back() it
    kPinned,           // a generation has ended and its code stays in memory
  };
  Kind kind;
  std::string file = {};  // "retrain.so"
  std::string id = {}, build_id = {};
  std::uint64_t generation = 0;
  std::chrono::milliseconds took{0};  // since commit()
  std::int64_t cut_off = 0;           // calls that did not end in time
  std::string reason = {};            // of a failed probation, or for which it stays
};

struct Refusal {
  RefusedPlugin plugin;
  std::string sha256;  // of the bytes that are not tried again; empty: they could not be read
  SystemTime at{};
  FileMark mark = {};  // of a file whose bytes could not be read
};

class Registry {
 public:
  // settings: what the operator wrote for a plugin id; asked on the control thread.
  Registry(RegistryOptions options, HostDependencies dependencies, SettingsSource settings);
  ~Registry();  // shut_down()
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Every *.so of the folder in the order of their names; dot-files and *.tmp are not looked at. A
  // path or an id that is taken: the later one is refused, "Webhook /webhooks/x already exists."
  LoadReport load_directory(const std::filesystem::path& folder);
  LoadReport load_file(const std::filesystem::path& file);

  // Brings settled files up beside what serves, and takes gone ones off. Each by itself: a bad one
  // costs the others nothing, and its file goes on with the generation it has. A file with the
  // bytes of what serves, or of what was refused last, is passed over. Call commit() or undo()
  // next.
  LoadReport update(const std::vector<FolderChange>& changes);

  // A build that lies elsewhere, for the file of that name, as update() would take it; also when
  // its bytes serve already or were refused before.
  LoadReport deploy(const std::filesystem::path& source, const std::filesystem::path& file);

  // These files with the settings of now: applied by the build that serves, where it can do that
  // (hookhost.config/1), else as a new generation, whether the bytes are known or not; what is
  // disabled now is removed. For a configuration that has changed.
  LoadReport reload(const std::vector<std::filesystem::path>& files);

  // The build before serves again: the one that stands by with its memory as it was, or, when it
  // has been let go, a new generation of its bytes. The bytes of the live one are remembered as
  // refused, for `reason`. kNotFound: no such plugin; kInvalid: there is no build before, or it
  // does not come up. Call commit() or undo() next, as after update().
  Result<LoadedPlugin> roll_back(std::string_view id, std::string_view reason);

  // The routes of update() are published. What they replaced stands by or leaves; it is ended as
  // soon as the tables before, through which a request may still reach it, have gone and its calls
  // have ended. before: all that may still be in use.
  void commit(const routing::RouteTables& before);

  // They cannot be published: what served before is live again, the newcomers end. Their bytes are
  // remembered as refused for that reason; empty: they may be tried again.
  void undo(std::string_view reason);

  // Ends what nobody uses any more or whose swap_drain has passed, and judges probations. Never
  // waits for a plugin. Call it by tend_by().
  std::vector<PluginEvent> tend();
  MonotonicTime tend_by() const noexcept;
  bool is_departing() const noexcept;  // something is on its way out

  // Every generation in memory, the live ones first; and every refused file.
  std::vector<GenerationStatus> status() const;
  std::vector<Refusal> refusals() const;
  std::size_t refused_count() const noexcept;
  std::size_t pinned_count() const noexcept;
  // The file that a plugin id serves from; empty: there is none.
  std::filesystem::path file_of(std::string_view id) const;
  // Where the bytes of the live build of a file lie as a private copy.
  std::filesystem::path copy_of(const std::filesystem::path& file) const;

  // One per endpoint, with the plugin's word as default; body_bytes_max is 0 when it said nothing.
  // The authenticator is empty and the operator's overrides are not applied: all that is app's.
  std::vector<Route> routes() const;

  // Every value that plugins count, for /metrics. Any thread.
  void visit_metrics(const PluginMetricVisitor& visit) const;

  // Drains, quiesces, destroys and unloads every plugin; says in the log what stayed. Handlers that
  // are still referenced answer kCancelled from now on. Nothing when it was called before.
  void shut_down() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hookhost::plugin
