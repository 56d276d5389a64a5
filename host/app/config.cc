// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>

#include "app/config_layers.h"
#include "app/config_node.h"
#include "app/config_reader.h"
#include "app/secret_entry.h"

namespace hookhost::app {
namespace {

// Line n of the text, from 1.
std::string line_of(std::string_view text, unsigned n) {
  for (; n > 1; --n) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string line(text.substr(0, text.find('\n')));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// In the order of the file, then what the environment and the flags say; with the lines.
void sort_and_quote(ConfigErrors& errors, std::string_view text) {
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.origin.kind, a.origin.line, a.origin.column) <
           std::tuple(b.origin.kind, b.origin.line, b.origin.column);
  });
  for (ConfigError& error : errors) {
    if (error.origin.kind == OriginKind::kFile && error.origin.line > 0) {
      error.excerpt = line_of(text, error.origin.line);
    }
  }
}

struct Reading {
  Config config;
  ConfigErrors errors;
};

Reading read_layers(std::string_view text, const std::string& file, const ConfigSources& sources) {
  Reading reading;
  Config& config = reading.config;
  config.file = file;
  config.space = read_space(sources.environment);
  config.warns_experimental =
      variable(sources.environment, "HF_HUB_DISABLE_EXPERIMENTAL_WARNING") != "1";

  ConfigReader reader(config);
  if (config.space.is_space) {
    // The Space's proxy reaches its container from outside (seed row U09).
    config.listen.host = "0.0.0.0";
    reader.set_origin("listen", {OriginKind::kDefault, "SPACE_ID"});
  }
  if (!file.empty()) {
    auto tree = parse_toml(text, file);
    if (tree) {
      reader.apply(*tree);
    } else {
      reading.errors.push_back(std::move(tree).error());
    }
  }
  for (const ConfigNode& layer : environment_layers(sources.environment)) reader.apply(layer);
  for (const ConfigNode& layer : flag_layers(sources.flags)) reader.apply(layer);

  ConfigErrors refused = reader.take_errors();
  reading.errors.insert(reading.errors.end(), refused.begin(), refused.end());
  config.plugin_secrets = reader.plugin_secrets();
  config.effective = reader.effective();
  return reading;
}

// Where the configuration names none, systemd's credential and then the variable stand in (seed row
// K01).
std::optional<SecretSource> find_secret(std::string_view credential, std::string_view name,
                                        const Environment& environment) {
  if (!credential_path(credential, environment).empty())
    return SecretSource{.kind = SecretKind::kCredential,
                        .name = std::string(credential),
                        .origin = {OriginKind::kEnvironment, "CREDENTIALS_DIRECTORY"}};
  if (!find_variable(environment, name)) return std::nullopt;
  return SecretSource{.kind = SecretKind::kEnvironment,
                      .name = std::string(name),
                      .origin = {OriginKind::kEnvironment, std::string(name)}};
}

void find_secrets(Config& config, const Environment& environment) {
  if (config.admin_token.sources().empty())
    config.admin_token.found = find_secret(kAdminTokenCredential, kAdminTokenVariable, environment);
  if (config.secrets.sources().empty())
    config.secrets.found = find_secret(kWebhookCredential, kWebhookVariable, environment);
}

class SecretReader {
 public:
  SecretReader(Reading& reading, const Environment& environment)
      : reading_(reading), environment_(environment) {}

  // scope: "" or "route retrain: ", for messages.
  void read(SecretSet& secrets, const std::string& scope, bool is_hub) {
    int number = 0;
    for (const SecretSource& source : secrets.sources()) {
      ++number;
      auto secret = read_secret(source, environment_);
      Status status =
          secret ? is_hub ? check_hub_secret(*secret, source) : Status() : Status(secret.error());
      if (!status) {
        refuse(source, scope, status.error());
        continue;
      }
      if (secret->reveal().size() < kSecretBytesShort) {
        reading_.config.warnings.push_back(
            {fmt::format("{}secret {} is shorter than {} bytes", scope, print_secret_source(source),
                         kSecretBytesShort),
             "openssl rand -hex 32"});
      }
      secrets.credentials.emplace_back(std::move(secret).value(), source.not_before,
                                       source.not_after);
      reading_.config.effective.push_back(
          {fmt::format("{}secret {}", scope, number),
           "\"***\"",
           {OriginKind::kEnvironment, print_secret_source(source)}});
    }
  }

  void read_plugin(const std::string& id, const std::string& name, const SecretSource& source) {
    auto secret = read_secret(source, environment_);
    if (!secret) return refuse(source, fmt::format("plugin {}: ", id), secret.error());
    reading_.config.plugin_settings[id].secrets[name] = std::move(secret).value();
  }

 private:
  void refuse(const SecretSource& source, const std::string& scope, const Error& error) {
    Origin origin = source.origin;
    // The message names the variable itself.
    if (origin.kind == OriginKind::kEnvironment) origin.name.clear();
    reading_.errors.push_back({origin, scope + error.message, error.fix, {}});
  }

  Reading& reading_;
  const Environment& environment_;
};

void read_secrets(Reading& reading, const Environment& environment) {
  Config& config = reading.config;
  SecretReader reader(reading, environment);
  reader.read(config.secrets, "", true);
  reader.read(config.admin_token, "admin token: ", false);
  for (auto& [name, route] : config.routes) {
    reader.read(route.secrets, fmt::format("route {}: ", name), is_hub_scheme(route));
  }
  for (const auto& [id, secrets] : config.plugin_secrets) {
    for (const auto& [name, source] : secrets) reader.read_plugin(id, name, source);
  }
}

// What a scheme says about its secrets, as far as they are known.
void check_schemes(const Config& config, ConfigErrors& errors) {
  for (const auto& [name, route] : config.routes) {
    const SecretSet& secrets = route.secrets.empty() ? config.secrets : route.secrets;
    const auth::Scheme* scheme = auth::find_scheme(route.scheme.value_or(""));
    if (scheme == nullptr || secrets.empty()) continue;
    auto made = auth::make_authenticator(*scheme, secrets.credentials, {.hmac = route.hmac});
    if (made) continue;
    Error error = std::move(made).error();
    errors.push_back(
        {route.origin, fmt::format("route.{}: {}", name, error.message), std::move(error.fix), {}});
  }
}

// Refuses what only makes sense together with something else.
void check_together(const Config& config, ConfigErrors& errors) {
  if (!config.tls.client_ca_file.empty() && !config.tls.is_on())
    errors.push_back({*config.origin_of("tls.client_ca_file"),
                      "tls.client_ca_file needs tls.cert_file and tls.key_file",
                      {},
                      {}});
  if (config.tls.cert_file.empty() != config.tls.key_file.empty()) {
    const bool has_key = config.tls.cert_file.empty();
    const std::string_view there = has_key ? "tls.key_file" : "tls.cert_file";
    const std::string_view missing = has_key ? "tls.cert_file" : "tls.key_file";
    errors.push_back({*config.origin_of(there),
                      fmt::format("{} needs {}", there, missing),
                      fmt::format("[tls] {} = \"FILE\"", missing.substr(4)),
                      {}});
  }
  for (const auto& [name, route] : config.routes) {
    if (route.scheme == kOpenScheme && !route.secrets.sources().empty()) {
      errors.push_back({route.origin,
                        fmt::format("route.{}: scheme \"none\" takes no secret", name),
                        "remove one of the two",
                        {}});
    }
    const bool is_generic = route.scheme == auth::kGenericHmac;
    if (!is_generic && !route.hmac.header.empty()) {
      errors.push_back({route.origin,
                        fmt::format("route.{}: hmac belongs to scheme \"generic-hmac\"", name),
                        "scheme = \"generic-hmac\"",
                        {}});
    }
    if (Status fit = is_generic ? auth::check_hmac(route.hmac) : Status(); !fit) {
      errors.push_back({route.origin,
                        fmt::format("route.{}: {}", name, fit.error().message),
                        fit.error().fix,
                        {}});
    }
  }
}

Result<Config, ConfigErrors> finish(Reading reading, std::string_view text) {
  if (reading.errors.empty()) return std::move(reading.config);
  sort_and_quote(reading.errors, text);
  return std::move(reading.errors);
}

struct FileText {
  std::string name;  // empty: there is no file
  std::string text;
};

Result<FileText, ConfigErrors> read_file(const std::filesystem::path& path) {
  const auto error = [&](std::string message) {
    return ConfigErrors{{{OriginKind::kFile, path.native()}, std::move(message), {}, {}}};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return error("it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return error(std::strerror(errno));
  FileText out{path.native(), std::string(kConfigBytesMax + 1, '\0')};
  file.read(out.text.data(), static_cast<std::streamsize>(out.text.size()));
  out.text.resize(static_cast<std::size_t>(file.gcount()));
  if (out.text.size() > kConfigBytesMax) {
    return error(fmt::format("more than {} bytes", kConfigBytesMax));
  }
  return out;
}

// The file that was asked for, or the first of the usual ones that is there.
Result<FileText, ConfigErrors> find_file(const ConfigSources& sources) {
  if (!sources.file.empty()) return read_file(sources.file);
  for (const auto& path :
       {sources.folder / "hookhost.toml", std::filesystem::path(kSystemConfigFile)}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return read_file(path);
  }
  return FileText{};
}

}  // namespace

std::vector<SecretSource> SecretSet::sources() const {
  std::vector<SecretSource> all;
  if (file) all.push_back(*file);
  all.insert(all.end(), listed.begin(), listed.end());
  if (found) all.push_back(*found);
  return all;
}

bool is_hub_scheme(const RouteOverrides& route) noexcept {
  return !route.scheme || *route.scheme == "hf";
}

const RouteOverrides* Config::overrides_of(std::string_view route) const noexcept {
  const auto found = routes.find(route);
  return found == routes.end() ? nullptr : &found->second;
}

plugin::PluginSettings Config::settings_of(std::string_view plugin_id) const {
  const auto found = plugin_settings.find(plugin_id);
  return found == plugin_settings.end() ? plugin::PluginSettings() : found->second;
}

const Origin* Config::origin_of(std::string_view key) const noexcept {
  for (const EffectiveValue& value : effective) {
    if (value.key == key) return &value.origin;
  }
  return nullptr;
}

std::filesystem::path stage_folder(const Config& config, const Environment& environment) {
  if (!config.stage.empty()) return config.stage;
  if (const auto runtime = variable(environment, "RUNTIME_DIRECTORY"); !runtime.empty()) {
    return std::filesystem::path(runtime) / "stage";
  }
  return std::filesystem::temp_directory_path() / fmt::format("hookhost-{}", ::geteuid());
}

std::optional<std::filesystem::path> journal_folder(const Config& config,
                                                    const Environment& environment,
                                                    bool is_development) {
  if (config.journal_dir == "none") return std::nullopt;
  if (config.journal_dir == "memory") return std::filesystem::path();
  if (!config.journal_dir.empty()) return config.journal_dir;
  if (is_development) return std::filesystem::path();
  if (const auto state = variable(environment, "STATE_DIRECTORY"); !state.empty())
    return std::filesystem::path(state);
  return std::filesystem::path("hookhost-data");
}

Result<Config, ConfigErrors> read_config(std::string_view text, const std::string& file,
                                         const ConfigSources& sources) {
  Reading reading = read_layers(text, file, sources);
  check_together(reading.config, reading.errors);
  return finish(std::move(reading), text);
}

Result<Config, ConfigErrors> load_settings(const ConfigSources& sources) {
  const auto file = find_file(sources);
  if (!file) return file.error();
  Reading reading = read_layers(file->text, file->name, sources);
  check_together(reading.config, reading.errors);
  find_secrets(reading.config, sources.environment);
  return finish(std::move(reading), file->text);
}

Result<Config, ConfigErrors> load_config(const ConfigSources& sources) {
  const auto file = find_file(sources);
  if (!file) return file.error();
  Reading reading = read_layers(file->text, file->name, sources);
  check_together(reading.config, reading.errors);
  find_secrets(reading.config, sources.environment);
  read_secrets(reading, sources.environment);
  if (reading.errors.empty()) check_schemes(reading.config, reading.errors);
  return finish(std::move(reading), file->text);
}

}  // namespace hookhost::app
