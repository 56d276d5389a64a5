// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_list.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "cli/admin_client.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

using app::SecretSource;

constexpr const char* kGlobal = "*";  // stands for every route without a secret of its own

struct Listed {
  std::string route;  // or kGlobal
  std::size_t number = 1;
  std::string scheme;
  SecretSource source;
  std::optional<std::chrono::seconds> age;  // of its file
  std::optional<std::uint64_t> uses;        // of the host that runs; nothing: none does
};

// The number behind the line of /metrics that begins with name; nothing: there is no such line.
std::optional<double> value_in(std::string_view metrics, std::string_view name) {
  const std::string line = fmt::format("\n{} ", name);
  const auto found = metrics.find(line);
  if (found == metrics.npos) return std::nullopt;
  const std::string_view digits = metrics.substr(found + line.size());
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// What the host that runs says about it.
struct Counts {
  std::string metrics;
  SystemTime since{};       // when it read its configuration
  bool is_of_this = false;  // the numbers are those of the file as it is now

  std::uint64_t uses(const std::string& route, std::size_t number) const {
    std::string name = "hookhost_secret_uses_total{route=";
    append_json_string(name, route);
    name += fmt::format(",secret=\"{}\"}}", number);
    return static_cast<std::uint64_t>(value_in(metrics, name).value_or(0));
  }
};

std::optional<SystemTime> written_at(const std::filesystem::path& file) {
  std::error_code error;
  const auto at = std::filesystem::last_write_time(file, error);
  if (error) return std::nullopt;
  return std::chrono::time_point_cast<SystemTime::duration>(std::chrono::file_clock::to_sys(at));
}

// Nothing: no host runs, or none that says when it read its configuration.
std::optional<Counts> ask_counts(const app::ConfigSources& sources) {
  const auto config = app::load_config(sources);  // for the token
  if (!config) return std::nullopt;
  auto metrics = ask_bytes(*config, "/metrics");
  if (!metrics) return std::nullopt;
  const auto seconds = value_in(*metrics, "hookhost_config_read_timestamp_seconds");
  if (!seconds) return std::nullopt;
  const SystemTime since{
      std::chrono::duration_cast<SystemTime::duration>(std::chrono::duration<double>(*seconds))};
  return Counts{*std::move(metrics), since,
                written_at(config->file).value_or(SystemTime::min()) <= since};
}

std::vector<Listed> list(const app::Config& config, std::string_view wanted,
                         const std::optional<Counts>& counts, SystemTime now) {
  std::vector<Listed> all;
  const auto add = [&](const std::string& route, const std::string& scheme,
                       const app::SecretSet& secrets) {
    std::size_t number = 0;
    for (const SecretSource& source : secrets.sources()) {
      Listed& one = all.emplace_back(Listed{route, ++number, scheme, source, {}, {}});
      const auto written = written_at(source.name);
      if (source.kind == app::SecretKind::kFile && written)
        one.age = std::chrono::duration_cast<std::chrono::seconds>(now - *written);
      if (counts && counts->is_of_this && route != kGlobal) one.uses = counts->uses(route, number);
    }
  };
  if (wanted.empty()) add(kGlobal, "hf", config.secrets);
  for (const auto& [name, route] : config.routes) {
    if (wanted.empty() || wanted == name) add(name, route.scheme.value_or("hf"), route.secrets);
  }
  return all;
}

std::string age_text(std::optional<std::chrono::seconds> age) {
  if (!age) return "-";
  if (*age >= std::chrono::hours(24)) return fmt::format("{} d", age->count() / (24 * 3600));
  return age->count() >= 3600 ? fmt::format("{} h", age->count() / 3600)
                              : fmt::format("{} min", age->count() / 60);
}

std::string until_text(const SecretSource& source) {
  return source.not_after == SystemTime::max() ? "-" : telemetry::print_minute(source.not_after);
}

std::string list_json(const std::vector<Listed>& all) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  for (const Listed& one : all) {
    json.begin_object().member("route", one.route).member("number", std::uint64_t{one.number});
    json.member("scheme", one.scheme).member("source", print_secret_source(one.source));
    json.key("not_before");
    one.source.not_before == SystemTime::min()
        ? json.null()
        : json.string(telemetry::print_timestamp(one.source.not_before));
    json.key("not_after");
    one.source.not_after == SystemTime::max()
        ? json.null()
        : json.string(telemetry::print_timestamp(one.source.not_after));
    json.key("age_s");
    one.age ? json.integer(one.age->count()) : json.null();
    json.key("uses");
    one.uses ? json.unsigned_integer(*one.uses) : json.null();
    json.end_object();
  }
  json.end_array();
  return text + '\n';
}

}  // namespace

ExitCode list_secrets(const Invocation& invocation, World& world, const app::Config& config,
                      const std::string& route) {
  const std::optional<Counts> counts = ask_counts(invocation.config_sources(world));
  const std::vector<Listed> all = list(config, route, counts, world.clock.now());
  if (invocation.has("--json")) {
    world.out << list_json(all);
    return ExitCode::kDone;
  }
  if (all.empty()) {
    world.out << (route.empty() ? std::string("no secret is named\n")
                                : fmt::format("{} has no secret of its own\n", printable(route)));
    return ExitCode::kDone;
  }
  std::vector<Row> rows{{"#", "SCHEME", "SOURCE", "VALID UNTIL", "AGE", "USED"}};
  for (const Listed& one : all) {
    rows.push_back({std::to_string(one.number), one.scheme,
                    telemetry::shown(world.out_console, print_secret_source(one.source)),
                    until_text(one.source), age_text(one.age),
                    one.uses ? std::to_string(*one.uses) : "-"});
  }
  if (route.empty()) {
    rows[0].insert(rows[0].begin(), "ROUTE");
    for (std::size_t i = 0; i < all.size(); ++i)
      rows[i + 1].insert(rows[i + 1].begin(), telemetry::shown(world.out_console, all[i].route));
  }
  print_table(world, rows);
  if (counts)
    world.out << (counts->is_of_this
                      ? fmt::format("used since {}\n", telemetry::print_minute(counts->since))
                      : std::string("the host has not read this configuration yet: SIGHUP\n"));
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
