// SPDX-License-Identifier: Apache-2.0
#include "app/start_checks.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "app/config_value.h"

namespace hookhost::app {
namespace {

constexpr std::string_view kNewSecret = "export WEBHOOK_SECRET=$(openssl rand -hex 32)";

Status check_folder(const Config& config, std::string_view key,
                    const std::filesystem::path& folder) {
  const Origin* origin = config.origin_of(key);
  const std::string where = origin == nullptr || origin->kind == OriginKind::kDefault
                                ? std::string()
                                : print_origin(*origin) + ": ";
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    return Error{errno == EACCES ? ErrorCode::kDenied : ErrorCode::kInvalid,
                 fmt::format("{}{}: {}", where, folder.native(), std::strerror(errno)),
                 {}};
  }
  if (!S_ISDIR(status.st_mode)) {
    return Error{
        ErrorCode::kInvalid, fmt::format("{}{} is not a folder", where, folder.native()), {}};
  }
  return {};
}

}  // namespace

bool is_loopback(std::string_view host) noexcept {
  return host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
}

Status check_exposure(const Config& config, bool has_open_route) {
  if (!has_open_route || config.insecure_open || is_loopback(config.listen.host)) return {};
  return Error{
      ErrorCode::kInvalid,
      fmt::format("no secret, and {} is reachable from outside", print_address(config.listen)),
      fmt::format("{}\nor:  --insecure-open   (anyone can then trigger your handlers)",
                  kNewSecret)};
}

Status check_admin_exposure(const Config& config) {
  if (!config.admin_token.empty()) return {};
  const bool is_exposed = !is_loopback(config.admin_listen.host);
  if (!is_exposed && !config.serves_admin_in_public()) return {};
  return Error{ErrorCode::kInvalid,
               is_exposed ? fmt::format("no admin token, and {} is reachable from outside",
                                        print_address(config.admin_listen))
                          : "no admin token, and admin.single_port serves the admin in public",
               "openssl rand -hex 32 > admin-token && chmod 600 admin-token\n"
               "then: [admin] token_file = \"admin-token\" in the configuration"};
}

Status check_root(const Config& config, unsigned user) {
  if (user != 0 || config.allow_root) return {};
  for (const http::ListenAddress& listen : {config.listen, config.admin_listen}) {
    if (is_loopback(listen.host)) continue;
    return Error{
        ErrorCode::kDenied,
        fmt::format("this is root, and {} is reachable from outside", print_address(listen)),
        "run it as a user of its own\n"
        "or:  --allow-root   (whoever breaks in has all of this machine)"};
  }
  return {};
}

Status check_folders(const Config& config) {
  std::error_code ignored;
  const Origin* origin = config.origin_of("plugins");
  const bool is_named = origin != nullptr && origin->kind != OriginKind::kDefault;
  if (is_named || std::filesystem::exists(config.plugins, ignored)) {
    if (Status plugins = check_folder(config, "plugins", config.plugins); !plugins) return plugins;
  }
  if (config.ui.empty()) return {};
  return check_folder(config, "ui", config.ui);
}

Result<http::TlsContext> open_tls(const Config& config, SystemTime now) {
  if (!config.tls.is_on()) return http::TlsContext();
  return http::load_tls(config.tls, now);
}

std::vector<ConfigWarning> start_warnings(const Config& config, bool has_open_route,
                                          unsigned user) {
  std::vector<ConfigWarning> warnings;
  if (has_open_route) {
    const std::string who = is_loopback(config.listen.host)
                                ? std::string("any program on this machine")
                                : fmt::format("whoever reaches {}", print_address(config.listen));
    warnings.push_back({config.secrets.empty()
                            ? fmt::format("No secret is set: {} can trigger handlers.", who)
                            : fmt::format("A route is open: {} can trigger its handler.", who),
                        config.secrets.empty() ? std::string(kNewSecret) : std::string()});
  }
  if (user == 0)
    warnings.push_back({"This is root: plugins can do everything on this machine.",
                        "run it as a user of its own"});
  warnings.insert(warnings.end(), config.warnings.begin(), config.warnings.end());
  return warnings;
}

}  // namespace hookhost::app
