// SPDX-License-Identifier: Apache-2.0
//
// Route: method and path to a handler, with everything that the operator and the plugin decided
// about it. Immutable once it is in a table. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/ip_address.h"
#include "model/authenticator.h"
#include "model/handler.h"
#include "routing/event_wish.h"
#include "routing/rate_limit.h"

namespace hookhost {

enum class PayloadForm : std::uint8_t { kHub, kHubStrict, kJson, kRaw };
enum class Place : std::uint8_t { kPool, kInline };
enum class Ack : std::uint8_t { kReply, kDurable };
enum class OnFailure : std::uint8_t { kRetry, kFail };

struct Route {
  std::string name;  // of the endpoint: "retrain"; the <name> of [route.<name>]
  std::string path;  // "/webhooks/retrain" or a template "/webhooks/tpl/{id}"; not percent-encoded,
                     // no slash at its end
  std::string plugin;     // file name of the plugin: "retrain.so"; for messages
  std::string plugin_id;  // "retrain"
  std::uint64_t generation = 1;
  std::string doc;      // one sentence for /docs; may be empty
  std::string events;   // filter as the plugin wrote it; empty: all
  EventWish wish;       // the operator's
  IpRanges allow_from;  // whose events are taken; empty: everyone's

  PayloadForm form = PayloadForm::kHub;
  Place place = Place::kPool;
  Ack ack = Ack::kReply;
  OnFailure on_failure = OnFailure::kRetry;
  std::chrono::milliseconds timeout{30'000};      // per attempt; 0: none
  std::size_t body_bytes_max = 26 * 1024 * 1024;  // GitHub sends at most 25 MB
  std::uint32_t concurrency_max = 0;              // calls at once; 0: no limit but the pool's
  std::chrono::milliseconds dedup_window{0};      // repeats of so long do not run; 0: they do
  bool is_idempotent = false;
  std::uint32_t telemetry_slot = 0;  // telemetry::Metrics::route_slot(name), set by app; 0: "other"

  std::shared_ptr<const Authenticator> authenticator;  // nullptr: open to everyone
  std::shared_ptr<RateLimit> rate_limit;               // nullptr: none
  std::shared_ptr<Handler> handler;                    // never nullptr in a table
};

}  // namespace hookhost
