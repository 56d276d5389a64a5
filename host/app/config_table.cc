// SPDX-License-Identifier: Apache-2.0
//
// Every key of the configuration, one row each: parsing, ranges, did-you-mean, `config --effective`
// and `config --reference` are made from these two tables. A default is the value of the member.
#include <array>
#include <vector>

#include "app/config.h"
#include "app/config_key.h"
#include "app/secret_entry.h"
#include "auth/scheme.h"
#include "payload/event_filter.h"
#include "payload/name_list.h"

namespace hookhost::app {
namespace {

constexpr Range kThreads{0, 1024};
constexpr Range kTimeouts{1, 24 * 3'600'000};
constexpr Range kAttempts{0, 7 * 24 * std::int64_t{3'600'000}};
constexpr Range kKeeping{60'000, 10 * 365 * 24 * std::int64_t{3'600'000}};
// GitHub sends a delivery again for three days when somebody asks it to.
constexpr Range kWindows{0, 7 * 24 * std::int64_t{3'600'000}};
constexpr std::int64_t kGiB = 1024 * 1024 * 1024;
constexpr Range kBodies{0, 2 * kGiB, true};  // the payload index has 32-bit offsets

template <class Member>
constexpr auto global(std::string_view name, std::string_view doc, Member member,
                      Range range = {}) {
  return config_key<Config>(name, doc, member, range);
}
template <class Member>
constexpr auto of_route(std::string_view name, std::string_view doc, Member member,
                        Range range = {}) {
  return config_key<RouteOverrides>(name, doc, member, range);
}

// A part of an address that also has a key of its own; shown there.
template <AddressPart part, class Member>
constexpr ConfigKey<Config> address_part(std::string_view name, std::string_view doc, Member) {
  return {name,
          doc,
          {},
          [](Config& config, const ConfigNode& node, const Range&) {
            return read_part(node, part, Member{}(config));
          },
          [](const Config&, const Range&) { return std::string(); },
          part == AddressPart::kPort ? "integer" : "text"};
}

// member: a lambda without captures that gives the set of secrets that the file belongs to.
template <class Target, class Member>
constexpr ConfigKey<Target> secret_file(std::string_view name, std::string_view doc, Member) {
  return {name,
          doc,
          {},
          [](Target& target, const ConfigNode& node, const Range&) {
            return read_secret_file(node, Member{}(target).file);
          },
          [](const Target& target, const Range&) { return show_secret(Member{}(target).file); },
          "path"};
}

template <class Target>
constexpr ConfigKey<Target> secrets(std::string_view doc) {
  return {"secrets",
          doc,
          {},
          [](Target& target, const ConfigNode& node, const Range&) {
            return read_secret_list(node, target.secrets.listed);
          },
          [](const Target& target, const Range&) { return show_secrets(target.secrets.listed); },
          "list"};
}

template <auto member, Status (*validate)(std::string_view)>
constexpr ConfigKey<RouteOverrides> wish(std::string_view name, std::string_view doc) {
  return {name,
          doc,
          {},
          [](RouteOverrides& route, const ConfigNode& node, const Range& range) -> Complaint {
            std::string text;
            if (Complaint complaint = read(node, range, text)) return complaint;
            if (const Status valid = validate(text); !text.empty() && !valid)
              return valid.error().message + "; for example " + valid.error().fix;
            route.wish.*member = std::move(text);
            return std::nullopt;
          },
          [](const RouteOverrides& route, const Range&) {
            const std::string& text = route.wish.*member;
            return text.empty() ? std::string() : show(text);
          },
          "text"};
}

std::span<const std::string_view> scheme_names() noexcept {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const auth::Scheme& scheme : auth::schemes()) all.push_back(scheme.name);
    all.push_back(kOpenScheme);
    return all;
  }();
  return names;
}

Complaint read_scheme(RouteOverrides& route, const ConfigNode& node, const Range&) {
  const std::span<const std::string_view> names = scheme_names();
  std::size_t position = 0;
  const Complaint complaint = read_name(node, names, position);
  if (!complaint) route.scheme = std::string(names[position]);
  return complaint;
}

constexpr ConfigKey<RouteOverrides> scheme_key() {
  return {"scheme",
          "how the sender proves itself; \"none\": open to everyone",
          {},
          read_scheme,
          [](const RouteOverrides& route, const Range&) {
            return route.scheme ? show(*route.scheme) : std::string();
          },
          "choice",
          scheme_names};
}

// clang-format off
constexpr std::array kConfigKeys{
    global("listen", "where webhooks, the landing page and /docs are served",
           [](auto& c) -> auto& { return c.listen; }),
    address_part<AddressPart::kHost>("listen.address", "the address of it by itself",
           [](auto& c) -> auto& { return c.listen; }),
    address_part<AddressPart::kPort>("listen.port", "the port of it by itself",
           [](auto& c) -> auto& { return c.listen; }),
    global("plugins", "folder of the plugins (*.so)",
           [](auto& c) -> auto& { return c.plugins; }),
    global("ui", "folder of static files in place of the landing page; empty: ours",
           [](auto& c) -> auto& { return c.ui; }),
    global("stage", "folder for private copies of plugins, not mounted noexec; empty: ours",
           [](auto& c) -> auto& { return c.stage; }),
    global("check", "how closely plugins are held to the contract: off, basic, strict or guard",
           [](auto& c) -> auto& { return c.check; }),
    global("loops", "threads that serve connections; 0: one per core",
           [](auto& c) -> auto& { return c.loops; }, Range{0, 128}),
    global("drain_timeout", "how long a stop waits for deliveries in flight",
           [](auto& c) -> auto& { return c.drain_timeout; }, kTimeouts),
    global("dedup_window", "deliveries sent again so soon do not run; \"0s\": they do, as in `run`",
           [](auto& c) -> auto& { return c.dedup_window; }, kWindows),

    secret_file<Config>("secret_file",
           "file with the secret of every route that has none of its own",
           [](auto& c) -> auto& { return c.secrets; }),
    secrets<Config>("more secrets, valid at the same time, each with its time"),
    global("secret_in_query", "also accept ?secret=, which ends up in the logs of proxies",
           [](auto& c) -> auto& { return c.secret_in_query; }),
    global("insecure_open", "serve beyond this machine without a secret: anyone can call",
           [](auto& c) -> auto& { return c.insecure_open; }),

    global("allow_root", "serve beyond this machine as root: whoever breaks in has all of it",
           [](auto& c) -> auto& { return c.allow_root; }),
    global("trusted_proxies", "addresses or CIDRs whose X-Forwarded-For names the client",
           [](auto& c) -> auto& { return c.trusted_proxies; }),

    global("tls.cert_file", "certificate of listen, then its chain, PEM: https; read again by SIGHUP",
           [](auto& c) -> auto& { return c.tls.cert_file; }),
    global("tls.key_file", "its private key, PEM without a passphrase, mode 600",
           [](auto& c) -> auto& { return c.tls.key_file; }),
    global("tls.client_ca_file", "PEM: only clients with a certificate of these authorities are served",
           [](auto& c) -> auto& { return c.tls.client_ca_file; }),

    global("admin.listen", "where health, metrics and the API of the plugins are",
           [](auto& c) -> auto& { return c.admin_listen; }),
    address_part<AddressPart::kHost>("admin.listen.address", "the address of it by itself",
           [](auto& c) -> auto& { return c.admin_listen; }),
    address_part<AddressPart::kPort>("admin.listen.port", "the port of it by itself",
           [](auto& c) -> auto& { return c.admin_listen; }),

    global("admin.single_port", "serve the admin below /_host/ of listen too, with its token",
           [](auto& c) -> auto& { return c.admin_single_port; }),
    secret_file<Config>("admin.token_file",
           "file with the token that the admin listener wants; needed beyond loopback",
           [](auto& c) -> auto& { return c.admin_token; }),

    global("pool.threads", "threads of the handlers; 0: two per core, at least eight",
           [](auto& c) -> auto& { return c.pool_threads; }, kThreads),
    global("pool.queue_max", "deliveries that wait for a thread; more are answered 503",
           [](auto& c) -> auto& { return c.pool_queue_max; }, Range{1, 1'000'000}),

    global("journal.dir", "folder of kept events; empty: ours; memory, or none: failures answer 500",
           [](auto& c) -> auto& { return c.journal_dir; }),
    global("journal.keep", "how long an event that is done stays",
           [](auto& c) -> auto& { return c.journal_keep; }, kKeeping),
    global("journal.keep_dead", "how long an event stays whose attempts are used up",
           [](auto& c) -> auto& { return c.journal_keep_dead; }, kKeeping),
    global("journal.disk_reserve", "with less space free no event is kept; 503",
           [](auto& c) -> auto& { return c.journal_disk_reserve; }, Range{0, 1024 * kGiB, true}),

    global("swap.watch", "load plugins that change in the folder while the host serves",
           [](auto& c) -> auto& { return c.swap_watch; }),
    global("swap.settle", "how long a changed file must rest before it is loaded",
           [](auto& c) -> auto& { return c.swap_settle; }, kTimeouts),
    global("swap.drain_timeout", "how long calls of a replaced build may go on; then cancelled",
           [](auto& c) -> auto& { return c.swap_drain_timeout; }, kTimeouts),
    global("swap.interval", "the least time between two loads of one file; \"0s\": none",
           [](auto& c) -> auto& { return c.swap_interval; }, kAttempts),
    global("swap.batch", "each: one bad file keeps only itself out; all: what changed with it too",
           [](auto& c) -> auto& { return c.swap_batch; }),
    global("swap.unknown_state", "a build that cannot read the state of the one before: fresh, refuse",
           [](auto& c) -> auto& { return c.swap_unknown_state; }),
    global("swap.probation", "how long the build before stands by; \"0s\": not at all",
           [](auto& c) -> auto& { return c.swap_probation.time; }, kAttempts),
    global("swap.probation_calls", "calls after which a new build has proved itself before that",
           [](auto& c) -> auto& { return c.swap_probation.calls; }, Range{1, 1'000'000'000}),
    global("swap.rollback_percent", "failed calls beyond the build before's; more: it comes back",
           [](auto& c) -> auto& { return c.swap_probation.failure_percent; }, Range{0, 100}),

    global("limits.body_bytes_max", "largest body of routes that say nothing; 413",
           [](auto& c) -> auto& { return c.body_bytes_max; }, kBodies),
    global("limits.connections_max", "open connections",
           [](auto& c) -> auto& { return c.limits.connections_max; }, Range{1, 1'000'000}),
    global("limits.connections_per_address_max",
           "of one address, IPv6 by /64, but trusted_proxies; 0: no limit; 503",
           [](auto& c) -> auto& { return c.limits.connections_per_address_max; },
           Range{0, 1'000'000}),
    global("limits.memory_bytes_max",
           "of bodies and buffers of requests together; a body beyond it is answered 503",
           [](auto& c) -> auto& { return c.limits.memory_bytes_max; },
           Range{1024 * 1024, 1024 * kGiB, true}),
    global("limits.head_bytes_max", "request line and headers; 431",
           [](auto& c) -> auto& { return c.limits.head_bytes_max; }, Range{1024, 31 * 1024, true}),
    global("limits.target_bytes_max", "target of the request line; 414",
           [](auto& c) -> auto& { return c.limits.target_bytes_max; }, Range{256, 31 * 1024, true}),
    global("limits.handshake_timeout", "from the first byte of a TLS handshake to its end",
           [](auto& c) -> auto& { return c.limits.handshake_timeout; }, kTimeouts),
    global("limits.head_timeout", "from the first byte of a head to its last; 408",
           [](auto& c) -> auto& { return c.limits.head_timeout; }, kTimeouts),
    global("limits.body_timeout", "for a body, plus the time of its bytes at the lowest rate; 408",
           [](auto& c) -> auto& { return c.limits.body_timeout; }, kTimeouts),
    global("limits.bytes_per_second_min", "the lowest rate of a body, and of a reader of answers",
           [](auto& c) -> auto& { return c.limits.bytes_per_second_min; },
           Range{1, kGiB, true}),
    global("limits.idle_timeout", "between two requests of a connection",
           [](auto& c) -> auto& { return c.limits.idle_timeout; }, kTimeouts),
    global("limits.write_timeout", "for an answer, plus the time of its bytes at the lowest rate",
           [](auto& c) -> auto& { return c.limits.write_timeout; }, kTimeouts),

    global("log.format", "auto: text on a terminal, else JSON lines, with priorities under systemd",
           [](auto& c) -> auto& { return c.log.format; }),
    global("log.level", "lines below it are dropped",
           [](auto& c) -> auto& { return c.log.level; }),
};

constexpr std::array kRouteKeys{
    of_route("enabled", "false: the route is not served",
             [](auto& r) -> auto& { return r.enabled; }),
    of_route("payload", "Hub payload, pydantic's verdict on it, any JSON, any bytes",
             [](auto& r) -> auto& { return r.payload; }),
    of_route("place", "inline: on the I/O thread, for handlers of microseconds",
             [](auto& r) -> auto& { return r.place; }),
    of_route("ack", "reply: the handler answers; durable: 202 as soon as the event is on disk",
             [](auto& r) -> auto& { return r.ack; }),
    of_route("on_failure", "retry: keep the event, 202, try again; fail: 500",
             [](auto& r) -> auto& { return r.on_failure; }),
    of_route("timeout", "of one attempt; \"0s\": none",
             [](auto& r) -> auto& { return r.timeout; }, kAttempts),
    of_route("concurrency", "calls at the same time; 0: no limit but the pool's",
             [](auto& r) -> auto& { return r.concurrency; }, Range{0, 1'000'000}),
    of_route("body_bytes_max", "largest body; 413",
             [](auto& r) -> auto& { return r.body_bytes_max; }, kBodies),
    of_route("dedup_window", "deliveries sent again so soon do not run; \"0s\": they do",
             [](auto& r) -> auto& { return r.dedup_window; }, kWindows),
    of_route("rate", "events per second, over all senders; 0: no limit; 429",
             [](auto& r) -> auto& { return r.rate; }, Range{0, 1'000'000}),
    of_route("burst", "of these at once; 0: as many as rate",
             [](auto& r) -> auto& { return r.burst; }, Range{0, 1'000'000}),
    wish<&EventWish::events, payload::validate_filter>("events",
             "only these: \"repo.content:update, discussion.*\"; others are answered 200"),
    wish<&EventWish::repos, payload::validate_names>("repos",
             "only events of these: \"me/*, org/data\""),
    wish<&EventWish::refs, payload::validate_names>("refs",
             "only events of these, where an event names one: \"refs/heads/main\""),
    wish<&EventWish::ignored_authors, payload::validate_names>("ignore_authors",
             "no events of these, as the sender names them; our own bot"),
    of_route("allow_from", "addresses or CIDRs that may send; others are answered 403; []: everyone",
             [](auto& r) -> auto& { return r.allow_from; }),
    scheme_key(),
    secret_file<RouteOverrides>("secret_file",
             "file with the secret of this route, in place of the global ones",
             [](auto& r) -> auto& { return r.secrets; }),
    secrets<RouteOverrides>("more secrets of this route, valid at the same time"),
    of_route("secret_in_query", "also accept ?secret= on this route",
             [](auto& r) -> auto& { return r.secret_in_query; }),

    of_route("hmac.header", "of scheme generic-hmac: the header of the signature",
             [](auto& r) -> auto& { return r.hmac.header; }),
    of_route("hmac.prefix", "in front of the signature; it must be there",
             [](auto& r) -> auto& { return r.hmac.prefix; }),
    of_route("hmac.algorithm", "of the HMAC",
             [](auto& r) -> auto& { return r.hmac.algorithm; }),
    of_route("hmac.encoding", "of the signature",
             [](auto& r) -> auto& { return r.hmac.encoding; }),
    of_route("hmac.template", "what is signed: {body}, {ts}, {id} and text between them",
             [](auto& r) -> auto& { return r.hmac.text; }),
    of_route("hmac.ts_header", "the header of {ts}, Unix seconds",
             [](auto& r) -> auto& { return r.hmac.timestamp_header; }),
    of_route("hmac.id_header", "the header of the delivery id, and of {id}",
             [](auto& r) -> auto& { return r.hmac.id_header; }),
    of_route("hmac.window", "how far {ts} may be from our clock, both ways",
             [](auto& r) -> auto& { return r.hmac.window; }, Range{1000, 24 * 3'600'000}),
    of_route("hmac.key", "how the secret's text is written",
             [](auto& r) -> auto& { return r.hmac.key; }),
};
// clang-format on

}  // namespace

std::span<const ConfigKey<Config>> config_keys() noexcept { return kConfigKeys; }
std::span<const ConfigKey<RouteOverrides>> route_keys() noexcept { return kRouteKeys; }

}  // namespace hookhost::app
