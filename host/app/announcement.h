// SPDX-License-Identifier: Apache-2.0
//
// Announcement: what `serve` and `run` say when they are ready and when they end (seed rows U01 to
// U05, journeys.md 1). The same facts are text for a terminal and one record for a machine. Pure.
// Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/config_error.h"
#include "telemetry/console.h"
#include "telemetry/log.h"

namespace hookhost::app {

struct StartReport;

struct AnnouncedPlugin {
  std::string file;  // "retrain.so"
  std::uint64_t generation = 1;
};

struct Announcement {
  std::string version;
  std::chrono::nanoseconds ready_in{0};
  std::string url;                   // without a slash at its end; where senders reach the webhooks
  std::string admin_url;             // the same of the admin listener; empty: not reachable
  std::string listen, admin_listen;  // "127.0.0.1:7860"
  std::vector<std::string> routes;   // "/webhooks/retrain", percent-encoded
  std::vector<AnnouncedPlugin> plugins;
  std::size_t refused_plugins = 0;
  std::string plugins_folder;  // empty: one library was named
  bool is_folder_there = true;
  bool has_secret = false;    // every route has one
  bool lacks_secret = false;  // there is none at all
  bool is_loopback = true;    // nobody else can reach it
  bool is_space = false;
  std::optional<std::string> journal;   // its folder; empty: in memory; nullopt: there is none
  std::uint64_t recovered = 0;          // deliveries that were in it and are not done
  std::vector<ConfigWarning> warnings;  // the most important one first
};

// only_plugin: a library was named in place of the folder.
Announcement make_announcement(const Config& config, const StartReport& report, bool only_plugin,
                               std::chrono::nanoseconds ready_in);

// Where senders reach the host: the Space's host (U04), else the listener's own address.
std::string public_url(const SpaceFacts& space, const http::ListenAddress& listen, bool is_tls);

// The address that reaches a listener from this machine: 0.0.0.0 becomes 127.0.0.1.
http::ListenAddress reachable_address(const http::ListenAddress& listen);

std::string announcement_text(const Announcement& facts, const telemetry::Console& console);

// Writes the record `ready` to the log.
void log_announcement(const Announcement& facts, telemetry::Log& log);

// How a drain ended.
struct DrainSummary {
  std::uint64_t waiting = 0;  // when it began
  std::uint64_t handled = 0, failed = 0;
  std::uint64_t lost = 0;  // had no answer when the time was up
  std::chrono::nanoseconds took{0};
};

// `  Draining 2 deliveries...`, empty when there are none, and
// `  done in 0.2 s.  1204 handled, 3 failed, 0 lost.`: two lines, since deliveries still write
// theirs in between.
std::string drain_begins_text(std::uint64_t waiting);
std::string drain_ended_text(const DrainSummary& summary);
void log_drain(const DrainSummary& summary, telemetry::Log& log);

}  // namespace hookhost::app
