// SPDX-License-Identifier: Apache-2.0
//
// App: the running host. Builds the rooms in order, connects them, and stops them in reverse:
//
//   log, metrics -> journal -> pool -> plugins -> routes -> corridor, pages, health -> listeners ->
//   loops
//
// One thread (main) owns it and makes every life-cycle call into a plugin, swaps included.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/event_loops.h"
#include "plugin/registry.h"
#include "telemetry/log.h"

namespace hookhost::app {

struct AppOptions {
  std::filesystem::path only_plugin = {};  // serve this library in place of the folder's
  bool is_development = false;             // `run`: a failing handler's words go to the sender
};

// What the start came to, for the announcement.
struct StartReport {
  http::ListenAddress listen, admin_listen;      // with their real ports
  std::vector<std::string> routes;               // "/webhooks/retrain", in the order of their paths
  std::optional<std::filesystem::path> journal;  // its folder; empty: in memory; nullopt: none
  std::uint64_t recovered = 0;                   // deliveries that were in it and are not done
  bool has_secret = false;                       // every route has one
  bool has_open_route = false;
  plugin::LoadReport plugins;
};

class App {
 public:
  // Loads the plugins, listens and serves. kInvalid: the configuration does not fit what was loaded
  // (an unknown [route.x], a secret no route may have); kUnavailable, kDenied: an address. A plugin
  // that is refused is in the report and in the log, and stops nothing. log and clock outlive it.
  static Result<std::unique_ptr<App>> start(Config config, AppOptions options,
                                            const Environment& environment, telemetry::Log& log,
                                            const Clock& clock);
  ~App();  // stops at once when drain() was not called
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  const StartReport& report() const noexcept;

  struct DrainReport {
    std::uint64_t waiting = 0;  // deliveries that were on their way when the drain began
    std::uint64_t handled = 0, failed = 0, cut_off = 0;
    // Calls whose handler has never come back. Not 0: threads of the host still run, so end the
    // process without the destructors of static objects.
    std::uint64_t hung = 0;
    std::chrono::milliseconds took{0};
  };
  // Plugins that changed in the folder are swapped by tend(), and commands carried out: call it
  // when one of changes() can be read (-1: nothing) and by tend_by() at the latest.
  std::array<int, 2> changes() const noexcept;
  MonotonicTime tend_by() const noexcept;
  void tend();

  // Takes over what it can of a configuration that was read again, all of it or nothing; said in
  // the log. False: nothing.
  bool reload(Config read);

  // The newest that is routed now; 0: none. Any thread.
  std::uint64_t live_generation() const noexcept;

  // How many deliveries are with a handler now.
  std::uint64_t deliveries_in_flight() const noexcept;

  // Takes nothing new, answers what is in flight, lets the plugins end. Once.
  DrainReport drain();

 private:
  struct Rooms;
  explicit App(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace hookhost::app
