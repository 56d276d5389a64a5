// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/announcement.h"
#include "app/build_facts.h"
#include "app/config_value.h"
#include "app/doctor_facts.h"
#include "http/certificate.h"
#include "http/client.h"
#include "http/listener.h"
#include "plugin/folder_watch.h"
#include "plugin/inspect.h"
#include "plugin/staging.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

// A host that needs longer to say that it is well is not.
constexpr std::chrono::seconds kHealthTimeout{3};

SecretFacts look_at(const SecretSource& source, std::string owner, bool is_hub,
                    const Environment& environment) {
  SecretFacts facts{.owner = std::move(owner), .source = source, .readable = {}};
  const auto secret = read_secret(source, environment);
  if (!secret) {
    facts.readable = secret.error();
    return facts;
  }
  facts.bytes = secret->reveal().size();
  if (is_hub) facts.readable = check_hub_secret(*secret, source);
  return facts;
}

std::vector<SecretFacts> look_at_secrets(const Config& config, const Environment& environment) {
  std::vector<SecretFacts> all;
  const auto add = [&](const SecretSet& set, const std::string& owner, bool is_hub) {
    std::size_t number = 0;
    for (const SecretSource& source : set.sources()) {
      all.push_back(look_at(source, owner, is_hub, environment));
      all.back().number = ++number;
    }
  };
  add(config.secrets, "", true);
  add(config.admin_token, "admin token", false);
  for (const auto& [name, route] : config.routes)
    add(route.secrets, "route " + name, is_hub_scheme(route));
  for (const auto& [id, secrets] : config.plugin_secrets) {
    for (const auto& [name, source] : secrets)
      all.push_back(look_at(source, fmt::format("plugin {}, {}", id, name), false, environment));
  }
  return all;
}

PortFacts look_at_port(std::string_view use, const http::ListenAddress& address) {
  PortFacts facts{.use = use, .address = address, .free = {}};
  http::ListenAddress bound = address;
  // Closed at once; nothing is accepted.
  if (auto listener = http::open_listener(bound, true); !listener)
    facts.free = std::move(listener).error();
  if (facts.free || facts.free.error().code != ErrorCode::kUnavailable) return facts;
  const auto answer =
      http::request(reachable_address(address), "GET", "/healthz", {}, "", kHealthTimeout);
  facts.is_held_by_host = answer && answer->body.starts_with(R"({"status":)");
  return facts;
}

std::optional<CertificateFacts> look_at_certificate(const http::TlsOptions& tls, SystemTime now) {
  if (tls.cert_file.empty()) return std::nullopt;
  CertificateFacts facts{.file = tls.cert_file, .usable = {}};
  if (auto certificate = http::read_certificate(tls.cert_file, tls.key_file, now)) {
    facts.not_after = certificate->not_after;
  } else {
    facts.usable = std::move(certificate).error();
  }
  return facts;
}

// The folder itself, or the nearest one above it that is there.
fs::path existing_part(const fs::path& folder) {
  std::error_code ignored;
  fs::path part = fs::absolute(folder, ignored).lexically_normal();
  while (!fs::exists(part, ignored) && part.has_relative_path()) part = part.parent_path();
  return part;
}

FolderFacts look_at_folder(std::string_view use, const fs::path& path, bool is_named,
                           int needed_access) {
  std::error_code ignored;
  FolderFacts facts{.use = use,
                    .path = path,
                    .is_there = fs::exists(path, ignored),
                    .is_named = is_named,
                    .safe = {}};
  const fs::path part = existing_part(path);
  facts.safe = plugin::check_trusted_folder(part);
  if (facts.safe && ::access(part.c_str(), needed_access) != 0) {
    facts.safe =
        Error{ErrorCode::kDenied, fmt::format("{}: {}", part.native(), std::strerror(errno)), {}};
  }
  struct statvfs mounted {};
  facts.is_noexec = ::statvfs(part.c_str(), &mounted) == 0 && (mounted.f_flag & ST_NOEXEC) != 0;
  return facts;
}

std::vector<FolderFacts> look_at_folders(const Config& config, const Environment& environment) {
  const Origin* origin = config.origin_of("plugins");
  const bool is_named = origin != nullptr && origin->kind != OriginKind::kDefault;
  return {look_at_folder("plugins", config.plugins, is_named, R_OK | X_OK),
          look_at_folder("stage", stage_folder(config, environment), !config.stage.empty(),
                         R_OK | W_OK | X_OK)};
}

PluginFacts look_at_plugin(const fs::path& file, const Environment& environment) {
  PluginFacts facts{.file = file, .verdict = {}};
  if (auto opened = plugin::open_trusted(file); !opened) {
    facts.verdict = std::move(opened).error();
    return facts;
  }
  auto inspection = plugin::inspect_file(file, variable(environment, "LD_LIBRARY_PATH"));
  if (!inspection) {
    facts.verdict = std::move(inspection).error();
    return facts;
  }
  facts.verdict = std::move(inspection->verdict);
  facts.missing = std::move(inspection->missing);
  return facts;
}

std::vector<PluginFacts> look_at_plugins(const fs::path& folder, const Environment& environment) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (plugin::is_plugin_file(entry->path().filename().native())) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  std::vector<PluginFacts> plugins;
  for (const fs::path& file : files) plugins.push_back(look_at_plugin(file, environment));
  return plugins;
}

// The kernel knows whether somebody steers its clock: no network is needed for that.
std::optional<bool> is_clock_synchronised() {
  struct timex state {};
  const int answer = ::adjtimex(&state);  // modes 0: it is only asked
  if (answer < 0) return std::nullopt;
  return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

ClockFacts look_at_clock(const DoctorFacts& facts, SystemTime now) {
  ClockFacts clock{.now = now, .is_synchronised = is_clock_synchronised()};
  const std::string day(build_facts().commit_date);
  clock.built = parse_moment(day + "T00:00:00Z").value_or(SystemTime{});
  const auto see = [&](const fs::path& file) {
    std::error_code error;
    const auto written = fs::last_write_time(file, error);
    if (error) return;
    const auto at = std::chrono::time_point_cast<SystemTime::duration>(
        std::chrono::file_clock::to_sys(written));
    if (at <= clock.newest_at) return;
    clock.newest_at = at;
    clock.newest_file = file;
  };
  if (!facts.config.file.empty()) see(facts.config.file);
  for (const PluginFacts& plugin : facts.plugins) see(plugin.file);
  return clock;
}

}  // namespace

DoctorFacts look_up_facts(const ConfigSources& sources, const Clock& clock) {
  DoctorFacts facts;
  facts.user = ::geteuid();
  auto settings = load_settings(sources);
  if (!settings) {
    facts.config_errors = std::move(settings).error();
    return facts;
  }
  facts.config = *std::move(settings);
  const Environment& environment = sources.environment;
  facts.secrets = look_at_secrets(facts.config, environment);
  if (std::ranges::all_of(facts.secrets, [](const SecretFacts& one) { return !!one.readable; })) {
    // Nothing is left to be wrong but what the schemes say.
    if (auto loaded = load_config(sources); !loaded)
      facts.scheme_errors = std::move(loaded).error();
  }
  facts.ports = {look_at_port("webhooks", facts.config.listen),
                 look_at_port("admin", facts.config.admin_listen)};
  facts.certificate = look_at_certificate(facts.config.tls, clock.now());
  facts.folders = look_at_folders(facts.config, environment);
  facts.plugins = look_at_plugins(facts.config.plugins, environment);
  facts.clock = look_at_clock(facts, clock.now());
  return facts;
}

}  // namespace hookhost::app
