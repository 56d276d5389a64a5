// SPDX-License-Identifier: Apache-2.0
//
// Config: everything that an operator may decide, read once, checked as a whole. Default, file,
// HOOKHOST_* environment and flags, in this order; the later wins. All errors are found at once.
// The members are the Options of the rooms or plain values that app hands to them; the keys with
// their documentation are rows in config_table.cc.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_error.h"
#include "app/secret_source.h"
#include "app/swap_batch.h"
#include "auth/scheme.h"
#include "base/environment.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "http/event_loops.h"
#include "http/limits.h"
#include "http/tls.h"
#include "plugin/check_level.h"
#include "plugin/probation.h"
#include "plugin/probe.h"
#include "plugin/unknown_state.h"
#include "routing/route.h"
#include "telemetry/log.h"

namespace hookhost::app {

// The secrets of one scope, as sources and, after load_config, as credentials in the same order.
struct SecretSet {
  std::optional<SecretSource> file;   // secret_file
  std::vector<SecretSource> listed;   // secrets = [...]
  std::optional<SecretSource> found;  // what stands in where none is named; not of routes
  std::vector<SecretSource> sources() const;

  std::vector<auth::Credential> credentials;
  bool empty() const noexcept { return credentials.empty(); }
};

// [route.<name>]: what the operator decided differently from the plugin.
struct RouteOverrides {
  bool enabled = true;
  std::optional<PayloadForm> payload;
  std::optional<Place> place;
  std::optional<Ack> ack;
  std::optional<OnFailure> on_failure;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::uint32_t> concurrency;
  std::optional<std::uint64_t> body_bytes_max;
  std::optional<std::chrono::milliseconds> dedup_window;
  std::uint32_t rate = 0;   // events per second; 0: no limit
  std::uint32_t burst = 0;  // at once; 0: as many as rate
  EventWish wish;
  IpRanges allow_from;                // empty: every address
  std::optional<std::string> scheme;  // a row of auth::schemes(), or "none": open to everyone
  std::optional<bool> secret_in_query;
  auth::HmacOptions hmac;  // of scheme generic-hmac
  SecretSet secrets;       // empty: the global ones
  Origin origin;           // of the first key of the section
};

// Whether its sender is the Hub, which is so unless the operator names another.
bool is_hub_scheme(const RouteOverrides& route) noexcept;

// RouteOverrides::scheme of a route that is meant to be open.
inline constexpr std::string_view kOpenScheme = "none";

// Whether this is a Hugging Face Space (seed rows U04, U07); read once.
struct SpaceFacts {
  bool is_space = false;  // SPACE_ID is set
  std::string host;       // SPACE_HOST without slashes at its ends; may be set without SPACE_ID
};

// One row of `config --effective`.
struct EffectiveValue {
  std::string key;    // "limits.head_timeout"
  std::string value;  // as TOML; a secret is "***"
  Origin origin;
};

struct Config {
  http::ListenAddress listen{"127.0.0.1", 7860};
  http::ListenAddress admin_listen{"127.0.0.1", 7861};
  http::TlsOptions tls;      // of listen; both files or neither
  IpRanges trusted_proxies;  // empty: nobody's X-Forwarded-For is read
  std::filesystem::path plugins = "plugins";
  std::filesystem::path ui;     // empty: our landing page
  std::filesystem::path stage;  // empty: see stage_folder()
  bool insecure_open = false;
  bool allow_root = false;
  unsigned loops = 0;         // 0: one per core
  unsigned pool_threads = 0;  // 0: two per core, at least eight
  std::size_t pool_queue_max = 1024;
  std::chrono::milliseconds drain_timeout{25'000};
  std::filesystem::path journal_dir;  // empty: see journal_folder()
  std::chrono::milliseconds journal_keep = std::chrono::hours(24 * 7);
  std::chrono::milliseconds journal_keep_dead = std::chrono::hours(24 * 30);
  std::uint64_t journal_disk_reserve = 64 * 1024 * 1024;
  bool swap_watch = true;
  std::chrono::milliseconds swap_settle{150};
  std::chrono::milliseconds swap_drain_timeout{30'000};
  std::chrono::milliseconds swap_interval{1000};
  SwapBatch swap_batch = SwapBatch::kEach;
  plugin::UnknownState swap_unknown_state = plugin::UnknownState::kFresh;
  plugin::ProbationOptions swap_probation;
  plugin::CheckLevel check = plugin::CheckLevel::kBasic;
  std::uint64_t body_bytes_max = 26 * 1024 * 1024;         // of routes that say nothing
  std::chrono::milliseconds dedup_window{24 * 3'600'000};  // of routes that say nothing
  http::Limits limits;
  telemetry::LogOptions log;

  SecretSet secrets;
  bool secret_in_query = false;
  std::optional<bool> admin_single_port;  // nothing: on a Space with a token, else not
  bool serves_admin_in_public() const noexcept {
    return admin_single_port.value_or(space.is_space && !admin_token.sources().empty());
  }
  SecretSet admin_token;  // one; empty: the admin listener is open, on loopback

  std::map<std::string, RouteOverrides, std::less<>> routes;
  std::map<std::string, plugin::PluginSettings, std::less<>> plugin_settings;
  // [plugin.<id>.secrets] as sources: by id and name.
  std::map<std::string, std::map<std::string, SecretSource>> plugin_secrets;

  SpaceFacts space;
  bool warns_experimental = true;  // HF_HUB_DISABLE_EXPERIMENTAL_WARNING (seed row A02)

  std::string file;  // that was read; empty: none
  std::vector<ConfigWarning> warnings;
  std::vector<EffectiveValue> effective;  // in the order of the reference

  // nullptr: the operator said nothing about it.
  const RouteOverrides* overrides_of(std::string_view route) const noexcept;
  // What was said about it, or the defaults.
  plugin::PluginSettings settings_of(std::string_view plugin_id) const;
  // Where the value of a key comes from; nullptr: there is no such key.
  const Origin* origin_of(std::string_view key) const noexcept;
};

// Where private copies of plugins go: what the configuration says, else systemd's RuntimeDirectory,
// else a folder of this user's below the temporary one.
std::filesystem::path stage_folder(const Config& config, const Environment& environment);

// Where the journal is: what the configuration says, else systemd's StateDirectory, else
// ./hookhost-data, and for `run` in memory. Empty: in memory; nullopt: there is none.
std::optional<std::filesystem::path> journal_folder(const Config& config,
                                                    const Environment& environment,
                                                    bool is_development);

// What a flag of the command line says: {"--port", "listen.port", "7862"}.
struct ConfigFlag {
  std::string flag;
  std::string key;
  std::string text;
};

struct ConfigSources {
  std::string file = {};  // --config; empty: ./hookhost.toml, else the system's, else none
  Environment environment = {};
  std::vector<ConfigFlag> flags = {};
  std::filesystem::path folder = {};  // empty: the current one; where ./hookhost.toml is looked for
};

// More than that is no configuration.
inline constexpr std::size_t kConfigBytesMax = 1024 * 1024;

inline constexpr const char* kSystemConfigFile = "/etc/hookhost/hookhost.toml";

using ConfigErrors = std::vector<ConfigError>;

// Finds and reads the file, applies everything, reads the secrets.
Result<Config, ConfigErrors> load_config(const ConfigSources& sources);

// The same, with secrets as sources only: for commands that look at one after the other, or write
// them.
Result<Config, ConfigErrors> load_settings(const ConfigSources& sources);

// The same without touching the disk: text is the file's, file its name for messages (empty: there
// is none). Secrets keep their sources only. Pure.
Result<Config, ConfigErrors> read_config(std::string_view text, const std::string& file,
                                         const ConfigSources& sources);

}  // namespace hookhost::app
