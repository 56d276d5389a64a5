// SPDX-License-Identifier: Apache-2.0
#include "app/announcement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "app/app.h"
#include "app/config_value.h"
#include "app/start_checks.h"
#include "base/json_writer.h"
#include "pages/openapi.h"
#include "telemetry/units.h"

namespace hookhost::app {
namespace {

using telemetry::Console;
using telemetry::Field;
using telemetry::paint;
using telemetry::Paint;
using telemetry::shown;

constexpr int kLabel = 14;            // columns of "Landing page  "
constexpr std::size_t kNamesMax = 8;  // plugins by name; the others are a number

// The seed's lines, word for word (U01 to U03); of U01 the second names our remedy.
constexpr std::string_view kNoSecret =
    "Webhook secret is not defined. This means your webhook endpoints will be open to everyone.\n"
    "To add a secret, set `WEBHOOK_SECRET` as environment variable or name a file in "
    "hookhost.toml: \n\t`secret_file = \"/path/to/secret\"`\n"
    "For more details about webhook secrets, please refer to "
    "https://huggingface.co/docs/hub/webhooks#webhook-secret.\n";
constexpr std::string_view kHasSecret = "Webhook secret is correctly defined.\n";
constexpr std::string_view kReady = "Webhooks are correctly setup and ready to use:\n";
constexpr std::string_view kSettings =
    "Go to https://huggingface.co/settings/webhooks to setup your webhooks.\n";

std::string labelled(std::string_view label, std::string_view text) {
  return telemetry::padded(label, kLabel) + std::string(text);
}

std::string plugin_names(const Announcement& facts, const Console& console) {
  std::string names;
  for (std::size_t i = 0; i < facts.plugins.size() && i < kNamesMax; ++i) {
    names += fmt::format("{}{} gen {}", i == 0 ? "" : ", ", shown(console, facts.plugins[i].file),
                         facts.plugins[i].generation);
  }
  if (facts.plugins.size() > kNamesMax) {
    names += fmt::format(" and {} more", facts.plugins.size() - kNamesMax);
  }
  if (facts.plugins.empty()) names = "none";
  if (facts.refused_plugins > 0) {
    names += fmt::format(", {} refused (see above)", facts.refused_plugins);
  }
  return names;
}

// U05: without a webhook the seed prints a list of none; this says what is missing.
std::string no_routes_text(const Announcement& facts, const Console& console) {
  const std::string folder = shown(console, facts.plugins_folder);
  if (!facts.plugins.empty())
    return "  No webhooks: the plugins that are loaded have no endpoint.\n";
  if (facts.plugins_folder.empty()) return "  No webhooks: the plugin was refused (see above).\n";
  if (!facts.is_folder_there) {
    return fmt::format(
        "  No webhooks yet: the plugin folder {} does not exist.\n"
        "  try: hookhost serve --plugins DIR\n",
        folder);
  }
  if (facts.refused_plugins > 0) {
    return fmt::format("  No webhooks: every plugin in {} was refused (see above).\n", folder);
  }
  return fmt::format(
      "  No webhooks yet: the plugin folder {} is empty.\n"
      "  try: copy a plugin (*.so) into it and start again, or: hookhost run my_plugin.so\n",
      folder);
}

std::string journal_text(const Announcement& facts, const Console& console) {
  if (!facts.journal) return "none: an event whose handler fails is answered 500";
  if (facts.journal->empty()) return "in memory: events that wait end with the host";
  std::string text = shown(console, *facts.journal);
  if (facts.recovered > 0)
    text += fmt::format(" ({} {} to go on with)", facts.recovered,
                        facts.recovered == 1 ? "delivery" : "deliveries");
  return text;
}

std::string addresses_text(const Announcement& facts, const Console& console) {
  const std::string landing = labelled("Landing page", facts.url + "/");
  const std::string docs = labelled("API docs", facts.url + "/docs");
  std::string text = "  " + landing;
  // Two columns when both fit.
  if (2 + telemetry::columns(landing) + 8 + telemetry::columns(docs) <= console.width) {
    text += "        API docs  " + facts.url + "/docs\n";
  } else {
    text += "\n  " + docs + '\n';
  }
  if (!facts.admin_url.empty()) text += "  " + labelled("Admin", facts.admin_url + "/") + '\n';
  std::string plugins = plugin_names(facts, console);
  if (!facts.plugins_folder.empty()) {
    plugins += fmt::format(" (from {})", shown(console, facts.plugins_folder));
  }
  text += "  " + labelled("Plugins", telemetry::wrapped(console, plugins, 2 + kLabel)) + '\n';
  return text + "  " + labelled("Journal", journal_text(facts, console)) + '\n';
}

std::string note(const Console& console, std::string_view text) {
  return fmt::format("  note: {}\n", telemetry::wrapped(console, text, 8));
}

std::string notes_text(const Announcement& facts, const Console& console) {
  std::string text;
  if (facts.is_space) {
    text +=
        note(console,
             "this Space's disk is not kept; attach a bucket and set journal.dir to keep events.");
    text += note(console,
                 "free hardware sleeps after 48 h without traffic; wake it before you rely on it.");
  }
  return text;
}

// At most one warning, with its remedy; the others are a command away.
std::string warning_text(const Announcement& facts, const Console& console) {
  if (facts.warnings.empty()) return "";
  const ConfigWarning& first = facts.warnings.front();
  std::string text =
      fmt::format("\n  {} {}\n", paint(console, Paint::kWarn, "!"), shown(console, first.message));
  if (!first.fix.empty()) text += fmt::format("    {}\n", shown(console, first.fix));
  if (facts.warnings.size() > 1) {
    text += fmt::format("    {} more: hookhost doctor\n", facts.warnings.size() - 1);
  }
  if (facts.lacks_secret) text += fmt::format("\n{}", kNoSecret);
  return text;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
  return out;
}

}  // namespace

http::ListenAddress reachable_address(const http::ListenAddress& listen) {
  if (listen.host == "0.0.0.0") return {"127.0.0.1", listen.port};
  if (listen.host == "::") return {"::1", listen.port};
  return listen;
}

std::string public_url(const SpaceFacts& space, const http::ListenAddress& listen, bool is_tls) {
  if (!space.host.empty()) return "https://" + space.host;
  return (is_tls ? "https://" : "http://") + print_address(reachable_address(listen));
}

Announcement make_announcement(const Config& config, const StartReport& report, bool only_plugin,
                               std::chrono::nanoseconds ready_in) {
  Announcement facts;
  facts.version = HOOKHOST_VERSION;
  facts.ready_in = ready_in;
  facts.url = public_url(config.space, report.listen, config.tls.is_on());
  facts.listen = print_address(report.listen);
  facts.admin_listen = print_address(report.admin_listen);
  if (!config.space.is_space) {
    facts.admin_url = "http://" + print_address(reachable_address(report.admin_listen));
  }
  for (const std::string& route : report.routes) {
    facts.routes.push_back(pages::printed_path(route));
  }
  for (const plugin::LoadedPlugin& loaded : report.plugins.loaded) {
    facts.plugins.push_back({loaded.file.filename().native(), loaded.generation});
  }
  facts.refused_plugins = report.plugins.refused.size();
  if (!only_plugin) facts.plugins_folder = config.plugins.native();
  std::error_code ignored;
  facts.is_folder_there = only_plugin || std::filesystem::is_directory(config.plugins, ignored);
  facts.has_secret = report.has_secret && !report.routes.empty();
  facts.lacks_secret = report.has_open_route && config.secrets.empty();
  facts.is_loopback = is_loopback(report.listen.host);
  facts.is_space = config.space.is_space;
  if (report.journal) facts.journal = report.journal->native();
  facts.recovered = report.recovered;
  facts.warnings = start_warnings(config, report.has_open_route, ::geteuid());
  return facts;
}

std::string announcement_text(const Announcement& facts, const Console& console) {
  std::string text =
      fmt::format("  {}   ready in {}\n", paint(console, Paint::kBold, "hookhost " + facts.version),
                  telemetry::print_duration(facts.ready_in));
  if (facts.has_secret) text += kHasSecret;
  text += '\n';
  if (facts.routes.empty()) {
    text += no_routes_text(facts, console);
  } else {
    text += kReady;
    for (const std::string& route : facts.routes) {
      text += fmt::format("  - POST {}{}\n", facts.url, shown(console, route));
    }
    text += kSettings;
  }
  text += '\n' + addresses_text(facts, console);
  text += notes_text(facts, console);
  text += warning_text(facts, console);
  return text + '\n';
}

void log_announcement(const Announcement& facts, telemetry::Log& log) {
  std::vector<std::string> urls;
  for (const std::string& route : facts.routes) urls.push_back(facts.url + route);
  std::string plugins;
  JsonWriter json(plugins);
  json.begin_array();
  for (const AnnouncedPlugin& plugin : facts.plugins) {
    json.begin_object();
    json.member("file", plugin.file);
    json.member("generation", plugin.generation);
    json.end_object();
  }
  json.end_array();
  const std::string webhooks = json_list(urls);
  log.write(telemetry::Level::kInfo, "ready",
            {{"version", facts.version},
             {"ready_s", std::chrono::duration<double>(facts.ready_in).count()},
             {"listen", facts.listen},
             {"admin_listen", facts.admin_listen},
             {"url", facts.url},
             {"webhooks", Field::Json{webhooks}},
             {"settings", "https://huggingface.co/settings/webhooks"},
             {"plugins", Field::Json{plugins}},
             {"plugins_refused", std::uint64_t{facts.refused_plugins}},
             {"plugins_folder", facts.plugins_folder},
             {"has_secret", facts.has_secret},
             {"is_space", facts.is_space},
             {"journal", !facts.journal           ? "none"
                         : facts.journal->empty() ? "memory"
                                                  : std::string_view(*facts.journal)},
             {"recovered", facts.recovered}});
  for (const ConfigWarning& warning : facts.warnings) {
    log.write(telemetry::Level::kWarn, warning.message, {{"fix", warning.fix}});
  }
}

std::string drain_begins_text(std::uint64_t waiting) {
  if (waiting == 0) return "";
  return fmt::format("  Draining {} {}...\n", waiting, waiting == 1 ? "delivery" : "deliveries");
}

std::string drain_ended_text(const DrainSummary& summary) {
  return fmt::format("  done in {}.  {} handled, {} failed, {} lost.\n",
                     telemetry::print_duration(summary.took), summary.handled, summary.failed,
                     summary.lost);
}

void log_drain(const DrainSummary& summary, telemetry::Log& log) {
  log.write(telemetry::Level::kInfo, "drained",
            {{"waiting", summary.waiting},
             {"handled", summary.handled},
             {"failed", summary.failed},
             {"lost", summary.lost},
             {"dur_s", std::chrono::duration<double>(summary.took).count()}});
}

}  // namespace hookhost::app
