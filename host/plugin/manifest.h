// SPDX-License-Identifier: Apache-2.0
//
// Manifest: what a plugin says about itself, checked and copied out of its table. The checks come
// in this order: struct_size, magic, required minor, mandatory pointers, grammar; each refusal
// names the field, what was found and what is needed. Pure. Any thread.
#pragma once

#include <hookhost/plugin.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "routing/route.h"

namespace hookhost::plugin {

inline constexpr std::size_t kEndpointsMax = 256;     // of one plugin: it is one idea
inline constexpr std::size_t kIdBytesMax = 64;        // plugin.h
inline constexpr std::size_t kVersionBytesMax = 64;   // plugin.h
inline constexpr std::size_t kNameBytesMax = 128;     // of an endpoint: a function's name
inline constexpr std::size_t kEventsBytesMax = 4096;  // a filter lists scopes, the Hub has ten
inline constexpr std::size_t kDocBytesMax = 1024;     // doc, licence, url: one sentence
inline constexpr std::uint64_t kDeadlineMsMax = 24ULL * 3600 * 1000;      // a day
inline constexpr std::uint64_t kBodyBytesMaxMax = 1024ULL * 1024 * 1024;  // 1 GiB

struct EndpointManifest {
  const hookhost_endpoint* table = nullptr;  // the plugin's own, valid while it is loaded
  std::string name;                          // "retrain"
  std::string path;                          // "/webhooks/retrain"
  std::string events, doc;
  PayloadForm form = PayloadForm::kHub;
  Place place = Place::kPool;
  Ack ack = Ack::kReply;
  OnFailure on_failure = OnFailure::kRetry;
  std::uint32_t concurrency_max = 0;      // 1 when SERIAL
  std::chrono::milliseconds deadline{0};  // 0: the host's default
  std::uint64_t body_bytes_max = 0;       // 0: the host's default
  bool is_idempotent = false;
};

struct Manifest {
  const hookhost_plugin* table = nullptr;  // the plugin's own, valid while it is loaded
  std::string id, version, build_id, license, url, doc;
  std::string config_schema_json;  // empty: any object
  std::uint32_t abi_minor_built = 0, abi_minor_required = 0;
  std::uint32_t flags = 0;  // HOOKHOST_PLUGIN_...
  std::vector<EndpointManifest> endpoints;
  std::vector<std::string> notes;  // what was understood differently than it was written
};

// table: what hookhost_entry_v1 returned, nullptr included. elf_build_id: taken when the plugin
// names none.
Result<Manifest> read_manifest(const hookhost_plugin* table, std::uint32_t host_abi_minor,
                               std::string_view elf_build_id);

// Two paths that would match the same requests: parameters count by place, not by name.
bool is_same_route(std::string_view a, std::string_view b) noexcept;

// Names of the choices, for messages, reports and pages.
std::string_view name_of(PayloadForm form) noexcept;      // "hub", "strict", "json", "raw"
std::string_view name_of(Place place) noexcept;           // "pool", "inline"
std::string_view name_of(Ack ack) noexcept;               // "reply", "durable"
std::string_view name_of(OnFailure on_failure) noexcept;  // "retry", "fail"

}  // namespace hookhost::plugin
