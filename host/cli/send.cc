// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "app/announcement.h"
#include "app/config_value.h"
#include "app/start_checks.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/webhook_list.h"
#include "http/client.h"
#include "payload/fixtures.h"
#include "telemetry/redact.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Longer than a handler's default deadline, so that its 504 is seen.
constexpr std::chrono::seconds kTimeout{40};

// Of an answer, on a terminal.
constexpr std::size_t kBodyBytesShown = 1024;

// No sender's event is larger.
constexpr std::size_t kEventBytesMax = 64 * 1024 * 1024;

struct Target {
  http::ListenAddress address;
  std::string path;     // with its query; empty: not chosen yet
  bool is_ours = true;  // the listener of the configuration, or this machine: it may see the secret
  std::string url() const {
    return telemetry::redact_target("http://" + app::print_address(address) + path);
  }
};

Error wrong(std::string message, std::string fix = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(fix)};
}

// "http://127.0.0.1:7860/webhooks/x"; the path may be missing.
Result<Target> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return wrong(fmt::format("--url: expected http://ADDRESS:PORT/PATH, got '{}'",
                             telemetry::redact_target(url)),
                 "try: curl, for https and for names");
  }
  url.remove_prefix(kScheme.size());
  const auto slash = std::min(url.find('/'), url.size());
  std::string authority(url.substr(0, slash));
  if (authority.rfind(':') == std::string::npos) authority += ":80";
  const auto address = app::parse_address(authority);
  if (!address) {
    return wrong(
        fmt::format("--url: expected a numeric address or localhost, got '{}'", authority));
  }
  std::string path(url.substr(slash));
  if (path == "/") path.clear();
  return Target{*address, std::move(path), app::is_loopback(address->host)};
}

Result<Target> find_target(const Invocation& invocation, const app::Config& config) {
  Target target{app::reachable_address(config.listen), {}, true};
  if (const auto url = invocation.text("--url"); !url.empty()) {
    auto parsed = parse_url(url);
    if (!parsed) return parsed;
    target = std::move(parsed).value();
  } else if (config.tls.is_on()) {
    return wrong("the listener speaks https, and send does not",
                 fmt::format("try: curl --cacert {} https://{}/webhooks/NAME -d @FILE",
                             config.tls.cert_file.native(), app::print_address(target.address)));
  }
  if (const auto route = invocation.text("--route"); !route.empty()) {
    target.path = route.starts_with('/') ? std::string(route) : fmt::format("/webhooks/{}", route);
  }
  if (target.address.port == 0)
    return wrong("the port is 0: name the one it listens on with --url");
  if (!target.path.empty()) return target;

  const auto webhooks = list_webhooks(target.address);
  if (!webhooks) return webhooks.error();
  if (webhooks->empty()) return wrong("the host serves no webhook", "try: hookhost run FILE");
  if (webhooks->size() > 1) {
    std::string choices;
    for (const std::string& path : *webhooks) {
      choices += fmt::format("{}or:  --route {}", choices.empty() ? "" : "\n", path);
    }
    choices.replace(0, 5, "try: ");
    return wrong(fmt::format("the host serves {} webhooks: choose one", webhooks->size()), choices);
  }
  target.path = webhooks->front();
  return target;
}

Result<std::string> read_event(const std::string& name) {
  if (const payload::Fixture* fixture = payload::find_fixture(name); fixture != nullptr) {
    return std::string(fixture->json);
  }
  std::ifstream file(name, std::ios::binary);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(name, ignored)) {
    std::vector<std::string_view> names;
    for (const payload::Fixture& fixture : payload::fixtures()) names.push_back(fixture.name);
    const std::string_view meant = nearest(name, names.data(), names.size());
    return wrong(
        fmt::format("'{}' is neither a built-in event nor a file{}", name,
                    meant.empty() ? std::string() : fmt::format("; did you mean '{}'?", meant)),
        "try: hookhost send --list");
  }
  std::string text(kEventBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kEventBytesMax) {
    return wrong(fmt::format("{}: more than {}", name, telemetry::print_bytes(kEventBytesMax)));
  }
  return text;
}

// The first secret that is valid now: the route's own, else the global one.
const Secret* find_secret(const app::Config& config, std::string_view path, SystemTime now) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const app::RouteOverrides* route = config.overrides_of(name.substr(0, name.find('?')));
  if (route != nullptr && route->scheme == app::kOpenScheme) return nullptr;
  const app::SecretSet& set =
      route != nullptr && !route->secrets.empty() ? route->secrets : config.secrets;
  for (const auth::Credential& credential : set.credentials) {
    if (credential.not_before <= now && now <= credential.not_after) return &credential.secret;
  }
  return nullptr;
}

Result<Headers> make_headers(const Invocation& invocation, const app::Config& config,
                             const Target& target, const Clock& clock) {
  Headers headers;
  for (const std::string& text : invocation.texts("--header")) {
    const auto colon = text.find(':');
    if (colon == std::string::npos || colon == 0) {
      return wrong(fmt::format("--header: expected 'NAME: VALUE', got '{}'", text));
    }
    const auto value = std::min(text.find_first_not_of(' ', colon + 1), text.size());
    headers.emplace_back(text.substr(0, colon), text.substr(value));
  }
  const auto add = [&](std::string name, std::string value) {
    const bool is_given = std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
      return ascii_iequals(header.first, name);
    });
    if (!is_given) headers.emplace_back(std::move(name), std::move(value));
  };
  add("Content-Type", "application/json");
  // The Hub's header (seed row N11): a new event each time, so nothing takes it for a repeat.
  add("Webhook-Id", fmt::format("send-{:x}", clock.now().time_since_epoch().count()));
  const Secret* secret = find_secret(config, target.path, clock.now());
  if (secret != nullptr && target.is_ours) {
    add("X-Webhook-Secret", std::string(secret->reveal()));
  }
  return headers;
}

void print_answer(const Invocation& invocation, World& world, const Target& target,
                  const http::ClientResponse& answer, std::chrono::nanoseconds took) {
  if (invocation.has("--json")) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("url", target.url()).member("status", answer.status);
    json.member("body", answer.body);
    json.member("dur_s", std::chrono::duration<double>(took).count());
    json.end_object();
    world.out << text << '\n';
    return;
  }
  world.out << fmt::format("<-- {} {}   {}\n", answer.status,
                           telemetry::shown(world.out_console, answer.body, kBodyBytesShown),
                           telemetry::print_duration(took));
}

// Why the answer is no 2xx, where we know what to do about it.
void explain(World& world, int status, bool has_sent_secret) {
  if (status == 401 || status == 403) {
    print_error(world,
                wrong(has_sent_secret ? "the host has another secret than this configuration"
                                      : "the host wants a secret and none is configured here",
                      "try: WEBHOOK_SECRET=... hookhost send, with the secret of the host"));
  }
}

void print_list(World& world) {
  for (const payload::Fixture& fixture : payload::fixtures()) {
    world.out << fmt::format("{}  {}\n", telemetry::padded(fixture.name, 22), fixture.doc);
  }
}

}  // namespace

ExitCode send(const Invocation& invocation, World& world) {
  if (invocation.has("--list")) {
    print_list(world);
    return ExitCode::kDone;
  }
  if (invocation.operands.empty()) {
    return refuse_usage(world, "hookhost send needs an event or a file", "hookhost send --list");
  }
  const auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  const auto refuse = [&](const Error& error) {
    print_error(world, error);
    return error.code == ErrorCode::kInvalid ? ExitCode::kUsage : ExitCode::kFailed;
  };
  auto event = read_event(invocation.operands[0]);
  if (!event) return refuse(event.error());
  const auto target = find_target(invocation, *config);
  if (!target) return refuse(target.error());
  auto headers = make_headers(invocation, *config, *target, world.clock);
  if (!headers) return refuse(headers.error());
  const bool has_sent_secret = std::any_of(
      headers->begin(), headers->end(),
      [](const auto& header) { return ascii_iequals(header.first, "X-Webhook-Secret"); });

  if (!invocation.has("--json")) {
    world.out << fmt::format("--> POST {}\n", telemetry::shown(world.out_console, target->url()))
              << std::flush;
  }
  const MonotonicTime began = world.clock.monotonic_now();
  const auto answer = http::request(target->address,
                                    {.method = "POST",
                                     .target = target->path,
                                     .headers = std::move(headers).value(),
                                     .body = std::move(event).value()},
                                    kTimeout);
  if (!answer) return refuse(answer.error());
  print_answer(invocation, world, *target, *answer, world.clock.monotonic_now() - began);
  if (answer->status >= 200 && answer->status < 300) return ExitCode::kDone;
  explain(world, answer->status, has_sent_secret);
  return ExitCode::kFailed;
}

}  // namespace hookhost::cli
