// SPDX-License-Identifier: Apache-2.0
//
// What parent and child of a probe say to each other: one JSON object as the child's stdin, one
// JSON object per line back on kVerdictFd. Secrets travel in the first, which is memory and never a
// file. The parent trusts nothing in the second: the child ran foreign code.
//
//   {"phase":"create","index":0}            what is about to run; with "payload":"x:17" when it
//                                           is that one
//   {"wants":"other_id","index":0}          settings of another plugin were handed in
//   {"verdict":true,"index":0, ...}         the end of one build
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plugin/probe.h"

namespace hookhost::plugin {

inline constexpr int kVerdictFd = 3;
inline constexpr std::size_t kVerdictBytesMax = 512 * 1024;  // 256 endpoints with long paths

struct ProbeOrder {
  std::string library, name;
  std::string id;  // whose settings these are; the plugin may turn out to be another one
  PluginSettings settings;
};
struct ProbeRequest {
  std::string host_version = {};
  bool calls_handlers = false;
  Stress stress = {};
  CheckLevel check = CheckLevel::kBasic;
  std::vector<ProbeOrder> orders = {};
};

std::string write_request(const ProbeRequest& request);
Result<ProbeRequest> read_request(std::string_view json);

struct ProbeMessage {
  std::size_t index = 0;
  std::string phase;                   // empty: not a phase
  std::string payload;                 // of a phase: "x:17"; empty: none
  std::string wants;                   // empty: not a wish
  std::optional<ProbeReport> verdict;  // output is not part of it
};

std::string write_message(const ProbeMessage& message);  // with its line break
std::optional<ProbeMessage> read_message(std::string_view line);

}  // namespace hookhost::plugin
