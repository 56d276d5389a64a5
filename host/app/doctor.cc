// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/config_value.h"
#include "app/start_checks.h"
#include "auth/timestamp.h"
#include "telemetry/units.h"

namespace hookhost::app {
namespace {

using Findings = std::vector<Finding>;

// A secret that ends sooner, with none to follow, wants somebody's attention.
constexpr std::chrono::hours kExpiryNear{7 * 24};

// Who renews certificates of 90 days does so 30 days before their end.
constexpr std::chrono::hours kRenewalDue{30 * 24};

void find(Findings& out, Severity severity, std::string thing, std::string what,
          std::string fix = {}) {
  out.push_back({{}, severity, std::move(thing), std::move(what), std::move(fix)});
}

void refuse(Findings& out, std::string thing, const Error& error) {
  find(out, Severity::kFail, std::move(thing), error.message, error.fix);
}

// ---- Configuration

void check_configuration(const DoctorFacts& facts, Findings& out) {
  const auto refuse_all = [&](const ConfigErrors& errors) {
    for (const ConfigError& error : errors)
      find(out, Severity::kFail, print_origin(error.origin), error.message, error.fix);
  };
  refuse_all(facts.config_errors);
  refuse_all(facts.scheme_errors);
  for (const ConfigWarning& warning : facts.config.warnings)
    find(out, Severity::kWarn, "configuration", warning.message, warning.fix);
  if (!out.empty()) return;
  find(out, Severity::kOk, "configuration",
       facts.config.file.empty() ? "no file: defaults, environment and flags" : facts.config.file);
}

// ---- Secrets

bool is_of_route(const SecretFacts& secret) { return secret.owner.starts_with("route "); }

std::string thing_of(const SecretFacts& secret) {
  return fmt::format("{}{}secret {}", secret.owner, secret.owner.empty() ? "" : ", ",
                     print_secret_source(secret.source));
}

std::string new_secret_for(const SecretFacts& secret) {
  if (is_of_route(secret))
    return fmt::format("hookhost secret rotate {} --from-file FILE", secret.owner.substr(6));
  if (secret.source.kind == SecretKind::kFile)
    return fmt::format("openssl rand -hex 32 > {}", secret.source.name);
  return "openssl rand -hex 32, and give it to both sides";
}

// Whether another one of the same owner is valid now and stays so for longer.
bool is_outlived(const SecretFacts& secret, const DoctorFacts& facts) {
  return std::ranges::any_of(facts.secrets, [&](const SecretFacts& other) {
    return other.owner == secret.owner && other.readable &&
           other.source.not_before <= facts.clock.now &&
           other.source.not_after > std::max(secret.source.not_after, facts.clock.now);
  });
}

// What its time says; false: nothing to say.
bool check_time(const SecretFacts& secret, const DoctorFacts& facts, Findings& out) {
  const SystemTime end = secret.source.not_after;
  if (end == SystemTime::max()) return false;
  const std::string at = telemetry::print_minute(end);
  if (end < facts.clock.now) {
    if (is_outlived(secret, facts)) {
      find(out, Severity::kWarn, thing_of(secret), fmt::format("not accepted since {}", at),
           is_of_route(secret)
               ? fmt::format("hookhost secret rm {} {}", secret.owner.substr(6), secret.number)
               : std::string("take it out of the list"));
    } else {
      find(out, Severity::kFail, thing_of(secret),
           fmt::format("not accepted since {}, and there is no other", at), new_secret_for(secret));
    }
    return true;
  }
  if (end - facts.clock.now > kExpiryNear || is_outlived(secret, facts)) return false;
  find(out, Severity::kWarn, thing_of(secret),
       fmt::format("the last one, and accepted until {} only", at), new_secret_for(secret));
  return true;
}

void check_secret(const SecretFacts& secret, const DoctorFacts& facts, Findings& out) {
  if (!secret.readable) return refuse(out, thing_of(secret), secret.readable.error());
  if (check_time(secret, facts, out)) return;
  if (secret.bytes < kSecretBytesShort)
    return find(out, Severity::kWarn, thing_of(secret),
                fmt::format("shorter than {} bytes: it can be guessed", kSecretBytesShort),
                new_secret_for(secret));
  // A Space has no other place for one.
  if (secret.source.kind == SecretKind::kEnvironment && !facts.config.space.is_space)
    return find(out, Severity::kWarn, thing_of(secret),
                "in the environment, where every program that is started from there sees it",
                "a file of mode 0600 in its place, or a systemd credential");
  find(out, Severity::kOk, thing_of(secret), fmt::format("{} bytes", secret.bytes));
}

void check_secrets(const DoctorFacts& facts, Findings& out) {
  for (const SecretFacts& secret : facts.secrets) check_secret(secret, facts, out);
  if (facts.config.secrets.sources().empty()) {
    const Status safe = check_exposure(facts.config, true);
    find(out, Severity::kWarn, "secret",
         fmt::format(
             "a route without one of its own {}",
             safe ? "is open to whoever reaches it"
                  : "stops the start, since others reach " + print_address(facts.config.listen)),
         "hookhost secret add ROUTE --from-file FILE\n"
         "or:  export WEBHOOK_SECRET=$(openssl rand -hex 32)");
  }
  if (!facts.config.admin_token.sources().empty()) return;
  if (const Status safe = check_admin_exposure(facts.config); !safe)
    refuse(out, "admin token", safe.error());
}

// ---- User

void check_user(const DoctorFacts& facts, Findings& out) {
  const std::string thing = fmt::format("user {}", facts.user);
  if (const Status safe = check_root(facts.config, facts.user); !safe)
    return refuse(out, thing, safe.error());
  if (facts.user == 0)
    return find(out, Severity::kWarn, thing, "this is root: plugins can do everything here",
                "run hookhost as a user of its own");
  find(out, Severity::kOk, thing, "not root");
}

// ---- Ports

void check_ports(const DoctorFacts& facts, Findings& out) {
  for (const PortFacts& port : facts.ports) {
    const std::string thing = fmt::format("{} at {}", port.use, print_address(port.address));
    if (port.free) {
      find(out, Severity::kOk, thing, "free");
    } else if (port.is_held_by_host) {
      find(out, Severity::kOk, thing, "a host answers there");
    } else {
      refuse(out, thing, port.free.error());
    }
  }
}

// ---- Certificate

void check_certificate(const DoctorFacts& facts, Findings& out) {
  if (!facts.certificate) return;
  const CertificateFacts& certificate = *facts.certificate;
  const std::string thing = fmt::format("certificate {}", certificate.file.native());
  if (!certificate.usable) return refuse(out, thing, certificate.usable.error());
  const std::string end = telemetry::print_minute(certificate.not_after);
  if (certificate.not_after - facts.clock.now <= kRenewalDue)
    return find(out, Severity::kWarn, thing, fmt::format("it or one behind it expires on {}", end),
                "renew it; a running host takes the new one with SIGHUP");
  find(out, Severity::kOk, thing, fmt::format("good until {}", end));
}

// ---- Folders and plugins

void check_folders_of(const DoctorFacts& facts, Findings& out) {
  for (const FolderFacts& folder : facts.folders) {
    const std::string thing = fmt::format("folder {}", folder.path.native());
    const bool is_made_by_us = folder.use == "stage";
    if (!folder.is_there && !is_made_by_us) {
      find(out, folder.is_named ? Severity::kFail : Severity::kWarn, thing,
           "there is none, so nothing is served", "mkdir -p " + folder.path.native());
    } else if (!folder.safe) {
      refuse(out, thing, folder.safe.error());
    } else if (folder.is_noexec && is_made_by_us) {
      find(out, Severity::kFail, thing, "mounted noexec: no plugin can be loaded from there",
           "stage = \"DIR\" in the configuration");
    } else {
      find(out, Severity::kOk, thing, fmt::format("{}, and only we can write there", folder.use));
    }
  }
}

void check_plugins(const DoctorFacts& facts, Findings& out) {
  for (const PluginFacts& plugin : facts.plugins) {
    const std::string thing = "plugin " + plugin.file.filename().native();
    if (!plugin.verdict) {
      refuse(out, thing, plugin.verdict.error());
    } else if (!plugin.missing.empty()) {
      find(out, Severity::kFail, thing,
           fmt::format("it needs {}, which the linker does not find",
                       fmt::join(plugin.missing, ", ")),
           "hookhost inspect " + plugin.file.native());
    } else {
      find(out, Severity::kOk, thing, "its form is right; nothing of it ran");
    }
  }
}

// ---- Clock

// Nobody can tell a wrong clock by itself. These are contradictions, and what the kernel was told.
void check_clock(const DoctorFacts& facts, Findings& out) {
  const ClockFacts& clock = facts.clock;
  const std::string thing = "clock " + telemetry::print_minute(clock.now);
  constexpr const char* kSetClock = "timedatectl set-ntp true";
  // A day for the zone in which the commit was dated.
  if (clock.now + std::chrono::hours(24) < clock.built)
    return find(out, Severity::kFail, thing, "it is before the day this program was made",
                kSetClock);
  if (clock.newest_at > clock.now + auth::kWindow)
    return find(out, Severity::kWarn, thing,
                fmt::format("{} was written at {}: this clock is behind, or the other one ahead",
                            clock.newest_file.native(), telemetry::print_minute(clock.newest_at)),
                kSetClock);
  if (clock.is_synchronised == false)
    return find(out, Severity::kWarn, thing,
                fmt::format("the kernel does not know of anybody who keeps it right; signatures "
                            "with a time are refused when it is {} s off",
                            auth::kWindow.count()),
                kSetClock);
  find(out, Severity::kOk, thing,
       clock.is_synchronised ? "kept right, as the kernel was told"
                             : "nothing contradicts it, which is all that can be told here");
}

struct Check {
  std::string_view name;
  void (*look)(const DoctorFacts& facts, Findings& out);
};
constexpr std::array kChecks{
    Check{"configuration", check_configuration},
    Check{"secrets", check_secrets},
    Check{"user", check_user},
    Check{"ports", check_ports},
    Check{"certificate", check_certificate},
    Check{"folders", check_folders_of},
    Check{"plugins", check_plugins},
    Check{"clock", check_clock},
};

}  // namespace

std::string_view severity_name(Severity severity) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"ok", "warn", "fail"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::vector<Finding> diagnose(const DoctorFacts& facts) {
  Findings all;
  for (const Check& check : kChecks) {
    Findings found;
    check.look(facts, found);
    for (Finding& finding : found) {
      finding.check = check.name;
      all.push_back(std::move(finding));
    }
    if (!facts.config_errors.empty()) break;
  }
  return all;
}

}  // namespace hookhost::app
