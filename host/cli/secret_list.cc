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

// The number behind a line of /metrics such as hookhost_secret_uses_total{route="a",secret="1"} 7.
std::optional<std::uint64_t> uses_in(std::string_view metrics, const std::string& route,
                                     std::size_t number) {
  std::string line = "hookhost_secret_uses_total{route=";
  append_json_string(line, route);
  line += fmt::format(",secret=\"{}\"}} ", number);
  const auto found = metrics.find(line);
  std::uint64_t uses = 0;
  if (found == metrics.npos) return uses;
  const std::string_view digits = metrics.substr(found + line.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), uses);
  return uses;
}

std::vector<Listed> list(const app::Config& config, std::string_view wanted,
                         const std::optional<std::string>& metrics, SystemTime now) {
  std::vector<Listed> all;
  const auto add = [&](const std::string& route, const std::string& scheme,
                       const app::SecretSet& secrets) {
    std::size_t number = 0;
    for (const SecretSource& source : secrets.sources()) {
      Listed& one = all.emplace_back(Listed{route, ++number, scheme, source, {}, {}});
      std::error_code error;
      const auto written = std::filesystem::last_write_time(source.name, error);
      if (source.kind == app::SecretKind::kFile && !error)
        one.age = std::chrono::duration_cast<std::chrono::seconds>(
            now - std::chrono::file_clock::to_sys(written));
      if (metrics && route != kGlobal) one.uses = uses_in(*metrics, route, number);
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
  // Its token is read for that; nothing when no host runs.
  const auto loaded = app::load_config(invocation.config_sources(world));
  const auto asked = loaded ? ask_metrics(*loaded) : Result<std::string>(Error{});
  const std::vector<Listed> all =
      list(config, route, asked ? std::optional(*asked) : std::nullopt, world.clock.now());
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
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
