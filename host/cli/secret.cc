// SPDX-License-Identifier: Apache-2.0
//
// secret add, rotate, ls, rm: which secrets a route has. They change the configuration file, in
// which a secret is a source, never its text; one from standard input goes into a file beside it.
#include "app/secret_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "app/config_value.h"
#include "app/private_file.h"
#include "auth/scheme.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/secret_list.h"
#include "telemetry/units.h"

namespace hookhost::cli {
namespace {

namespace fs = std::filesystem;
using app::SecretKind;
using app::SecretSource;
using std::chrono::milliseconds;

constexpr milliseconds kOverlap = std::chrono::hours(24);
constexpr const char* kFolder = "secrets";  // beside the configuration
constexpr const char* kTry = "hookhost secret --help";

// So that two names of one file are equal.
fs::path whole_path(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

// What a verb works on.
struct Secrets {
  const Invocation& invocation;
  World& world;
  app::ConfigSources sources;
  app::Config config;  // secrets as sources only
  std::string route;   // "": of all, for ls

  fs::path file() const {  // of the configuration; where it will be when there is none
    return config.file.empty() ? world.folder / "hookhost.toml" : fs::path(config.file);
  }
  fs::path folder() const { return whole_path(file()).parent_path() / kFolder; }
  std::vector<SecretSource> own() const {
    const app::RouteOverrides* found = config.overrides_of(route);
    return found == nullptr ? std::vector<SecretSource>() : found->secrets.sources();
  }
};

ExitCode refuse(World& world, const Error& error) {
  print_error(world, error);
  return error.code == ErrorCode::kDenied ? ExitCode::kDenied : ExitCode::kFailed;
}

std::string scheme_of(const app::Config& config, const std::string& route) {
  const app::RouteOverrides* found = config.overrides_of(route);
  return found != nullptr && found->scheme ? *found->scheme : "hf";
}

// ---- A new secret

struct NewSecret {
  SecretSource source;
  Secret text;
  bool is_from_input = false;  // then its file is still to be made
};

Result<Secret> read_input(World& world) {
  if (world.in == nullptr || world.is_in_terminal)
    return Error{ErrorCode::kInvalid, "a secret is not typed, where others could see it",
                 "openssl rand -hex 32 | hookhost secret ...\nor:  --from-file FILE"};
  std::string text(app::kSecretFileBytesMax + 1, '\0');
  world.in->read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(world.in->gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  const bool is_one_line = text.find_first_of(std::string_view("\0\r\n", 3)) == text.npos;
  if (!text.empty() && text.size() <= app::kSecretFileBytesMax && is_one_line)
    return Secret(std::move(text));
  return Error{ErrorCode::kInvalid, "the input is not a secret: it is empty or has several lines",
               "openssl rand -hex 32 | hookhost secret ..."};
}

Result<NewSecret> find_new(const Secrets& secrets) {
  NewSecret fresh;
  const std::string_view named = secrets.invocation.text("--from-file");
  fresh.is_from_input = named.empty();
  fresh.source.name = named.empty() ? "from the input" : whole_path(named).native();
  auto text = fresh.is_from_input ? read_input(secrets.world)
                                  : app::read_secret(fresh.source, secrets.sources.environment);
  if (!text) return std::move(text).error();
  fresh.text = *std::move(text);
  return fresh;
}

// Whether the host could use it for the route.
Status check_new(const Secrets& secrets, const NewSecret& fresh, const std::string& scheme) {
  for (const SecretSource& known : secrets.own()) {
    if (known.kind == SecretKind::kFile && whole_path(known.name) == fresh.source.name)
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: {} is in its list", secrets.route, fresh.source.name),
                   "put the new secret into another file"};
  }
  if (fresh.text.reveal().size() < app::kSecretBytesShort)
    secrets.world.err << fmt::format("warn: shorter than {} bytes: it can be guessed\n",
                                     app::kSecretBytesShort);
  const auth::Scheme* found = auth::find_scheme(scheme);
  if (found == nullptr)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: no scheme \"{}\" takes a secret", secrets.route, scheme),
                 {}};
  if (scheme == "hf") {
    if (Status fit = app::check_hub_secret(fresh.text, fresh.source); !fit) return fit;
  }
  const app::RouteOverrides* route = secrets.config.overrides_of(secrets.route);
  const auth::Credential credential(fresh.text);
  auto made = auth::make_authenticator(*found, std::span(&credential, 1),
                                       {.hmac = route ? route->hmac : auth::HmacOptions()});
  if (!made) return std::move(made).error();
  return {};
}

// Letters, digits, '_' and '-' of a route, for the name of a file.
std::string plain(std::string name) {
  std::ranges::replace_if(
      name,
      [](char c) {
        return !(c == '_' || c == '-' || (c >= '0' && c <= '9') ||
                 (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'));
      },
      '_');
  return name;
}

// ---- The configuration file

Result<std::string> read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return Error{ErrorCode::kDenied, fmt::format("{}: cannot read it", file.native()), {}};
  return std::move(text).str();
}

Status put(const Secrets& secrets, std::vector<SecretSource> sources,
           std::optional<std::string> scheme = {}) {
  const fs::path file = secrets.file();
  std::string text;
  if (!secrets.config.file.empty()) {
    auto read = read_text(file);
    if (!read) return std::move(read).error();
    text = *std::move(read);
  }
  auto edited = app::edit_secrets(
      text, secrets.sources, file.native(),
      {.route = secrets.route, .sources = std::move(sources), .scheme = std::move(scheme)});
  if (!edited) return std::move(edited).error();
  return app::replace_file(file, *edited);
}

// The list with a new secret in it. make_sources: that list, once it is known where the secret is.
template <class MakeSources>
Status put_new(const Secrets& secrets, NewSecret& fresh, const std::string& scheme,
               bool writes_scheme, MakeSources make_sources) {
  if (Status fit = check_new(secrets, fresh, scheme); !fit) return fit;
  if (fresh.is_from_input) {
    auto kept =
        app::keep_secret(secrets.folder(), plain(secrets.route), fresh.text, secrets.file());
    if (!kept) return std::move(kept).error();
    fresh.source.name = kept->native();
  }
  Status done = put(secrets, make_sources(fresh.source),
                    writes_scheme ? std::optional(scheme) : std::nullopt);
  std::error_code ignored;
  if (!done && fresh.is_from_input) fs::remove(fresh.source.name, ignored);
  return done;
}

void say_next(World& world) {
  world.out << "next: systemctl reload hookhost, or kill -HUP $(pidof hookhost): a host that runs "
               "takes it over\n";
}

// ---- Verbs

ExitCode add(Secrets& secrets) {
  World& world = secrets.world;
  const std::string_view wanted = secrets.invocation.text("--scheme");
  const std::string scheme =
      wanted.empty() ? scheme_of(secrets.config, secrets.route) : std::string(wanted);
  const app::RouteOverrides* route = secrets.config.overrides_of(secrets.route);
  if (route != nullptr && route->scheme && *route->scheme != scheme)
    return refuse(
        world, {ErrorCode::kInvalid, fmt::format("{} has scheme {}", secrets.route, *route->scheme),
                "change it in the configuration first"});
  auto fresh = find_new(secrets);
  if (!fresh) return refuse(world, fresh.error());
  const auto with_new = [&](const SecretSource& source) {
    std::vector<SecretSource> sources = secrets.own();
    sources.push_back(source);
    return sources;
  };
  if (Status done = put_new(secrets, *fresh, scheme, !wanted.empty(), with_new); !done)
    return refuse(world, done.error());
  const std::size_t count = secrets.own().size() + 1;
  world.out << fmt::format("{}: {} secret{}, {}\n", secrets.route, count, count == 1 ? "" : "s",
                           scheme);
  say_next(world);
  return ExitCode::kDone;
}

ExitCode rotate(Secrets& secrets) {
  World& world = secrets.world;
  const std::string_view text = secrets.invocation.text("--overlap");
  const auto overlap = text.empty() ? std::optional(kOverlap) : app::parse_duration(text);
  if (!overlap)
    return refuse_usage(world, fmt::format("--overlap: expected a duration, got '{}'", text),
                        "--overlap 24h");
  if (secrets.own().empty())
    return refuse(world,
                  {ErrorCode::kNotFound, fmt::format("{} has no secret of its own", secrets.route),
                   fmt::format("hookhost secret add {}", secrets.route)});
  auto fresh = find_new(secrets);
  if (!fresh) return refuse(world, fresh.error());
  app::Rotation rotation;
  const auto rotated = [&](const SecretSource& source) {
    rotation = app::rotate_secrets(secrets.own(), source, world.clock.now(), *overlap);
    return rotation.sources;
  };
  const std::string scheme = scheme_of(secrets.config, secrets.route);
  if (Status done = put_new(secrets, *fresh, scheme, false, rotated); !done)
    return refuse(world, done.error());
  const bool has_old = rotation.sources.size() > 1;
  world.out << fmt::format("{}: new secret in use; {}\n", secrets.route,
                           has_old ? fmt::format("the old one is accepted until {}",
                                                 telemetry::print_minute(rotation.old_until))
                                   : std::string("no old one is accepted any more"));
  if (rotation.dropped > 0 && has_old)
    world.out << fmt::format("{} that were past are out of the list\n", rotation.dropped);
  say_next(world);
  world.out << "next: set the new secret at the sender\n";
  return ExitCode::kDone;
}

ExitCode remove(Secrets& secrets) {
  World& world = secrets.world;
  std::vector<SecretSource> sources = secrets.own();
  const std::string& text = secrets.invocation.operands[2];
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number == 0 ||
      number > sources.size())
    return refuse(world, {ErrorCode::kNotFound,
                          fmt::format("{} has no secret {}", secrets.route, printable(text)),
                          fmt::format("hookhost secret ls {}", secrets.route)});
  // Without one of its own the route takes the global ones; without those it would be open.
  if (sources.size() == 1 && secrets.config.secrets.sources().empty())
    return refuse(world,
                  {ErrorCode::kInvalid,
                   fmt::format("it is the only secret of {}, which would be open", secrets.route),
                   fmt::format("hookhost secret rotate {} --overlap 0s", secrets.route)});
  const SecretSource gone = sources[number - 1];
  sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(number - 1));
  const std::size_t count = sources.size();
  if (Status done = put(secrets, std::move(sources)); !done) return refuse(world, done.error());
  // The file goes only where `add` made it.
  std::error_code ignored;
  const bool is_ours = gone.kind == SecretKind::kFile &&
                       whole_path(gone.name).parent_path() == secrets.folder() &&
                       fs::remove(gone.name, ignored);
  world.out << fmt::format("{}: {} is out of the list{}\n", secrets.route,
                           telemetry::shown(world.out_console, print_secret_source(gone)),
                           is_ours ? ", and its file is gone" : "");
  if (count == 0) world.out << fmt::format("{}: the global secret counts\n", secrets.route);
  say_next(world);
  return ExitCode::kDone;
}

ExitCode ls(Secrets& secrets) {
  return list_secrets(secrets.invocation, secrets.world, secrets.config, secrets.route);
}

struct Verb {
  std::string_view name;
  std::string_view operands;
  std::size_t operands_min, operands_max;  // with the verb itself
  ExitCode (*run)(Secrets& secrets);
};
constexpr std::array kVerbs{Verb{"add", "ROUTE", 2, 2, add}, Verb{"rotate", "ROUTE", 2, 2, rotate},
                            Verb{"ls", "[ROUTE]", 1, 2, ls},
                            Verb{"rm", "ROUTE NUMBER", 3, 3, remove}};

}  // namespace

ExitCode secret(const Invocation& invocation, World& world) {
  const std::vector<std::string>& operands = invocation.operands;
  const auto verb = std::ranges::find(kVerbs, operands[0], &Verb::name);
  if (verb == kVerbs.end())
    return refuse_usage(world, fmt::format("'{}' is not add, rotate, ls or rm", operands[0]), kTry);
  if (operands.size() < verb->operands_min || operands.size() > verb->operands_max)
    return refuse_usage(
        world, fmt::format("hookhost secret {} takes {}", verb->name, verb->operands), kTry);
  Secrets secrets{invocation, world, invocation.config_sources(world), {}, {}};
  if (operands.size() > 1) secrets.route = operands[1];
  auto settings = app::load_settings(secrets.sources);
  if (!settings) return refuse_config(world, settings.error());
  secrets.config = *std::move(settings);
  return verb->run(secrets);
}

}  // namespace hookhost::cli
