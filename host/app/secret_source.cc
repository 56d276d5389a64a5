// SPDX-License-Identifier: Apache-2.0
#include "app/secret_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace hookhost::app {
namespace {

Result<std::string> read_file(const std::string& path, std::string_view shown_name,
                              bool is_mode_checked) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    const ErrorCode code = errno == ENOENT   ? ErrorCode::kNotFound
                           : errno == EACCES ? ErrorCode::kDenied
                                             : ErrorCode::kInvalid;
    return Error{code, fmt::format("secret {}: {}", shown_name, std::strerror(errno)), {}};
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{ErrorCode::kInvalid, fmt::format("secret {}: not a file", shown_name), {}};
  }
  if (is_mode_checked && (status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return Error{ErrorCode::kDenied,
                 fmt::format("secret {}: everybody on this machine may use it (mode {:04o})",
                             shown_name, status.st_mode & 07777),
                 fmt::format("chmod 600 {}", path)};
  }
  std::string text(kSecretFileBytesMax + 1, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) {
    return Error{
        ErrorCode::kInvalid, fmt::format("secret {}: {}", shown_name, std::strerror(errno)), {}};
  }
  text.resize(static_cast<std::size_t>(got));
  if (text.size() > kSecretFileBytesMax) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("secret {}: more than {} bytes", shown_name, kSecretFileBytesMax),
                 {}};
  }
  // An editor or echo ends the file with a line end that is no part of the secret.
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> read_text(const SecretSource& source, const Environment& environment) {
  const std::string shown_name = print_secret_source(source);
  switch (source.kind) {
    case SecretKind::kFile: return read_file(source.name, shown_name, true);
    case SecretKind::kCredential: {
      const auto path = credential_path(source.name, environment);
      if (path.empty()) {
        return Error{ErrorCode::kNotFound, fmt::format("secret {}: there is none", shown_name),
                     fmt::format("LoadCredential={}:FILE in the unit", source.name)};
      }
      // systemd guards the folder; the modes of the files in it say nothing.
      return read_file(path, shown_name, false);
    }
    case SecretKind::kEnvironment: {
      const auto value = find_variable(environment, source.name);
      if (!value) {
        return Error{ErrorCode::kNotFound, fmt::format("secret {}: it is not set", shown_name),
                     fmt::format("export {}=$(openssl rand -hex 32)", source.name)};
      }
      return std::string(*value);
    }
  }
  return Error{ErrorCode::kInternal, "unknown kind of secret", {}};
}

}  // namespace

std::string print_secret_source(const SecretSource& source) {
  switch (source.kind) {
    case SecretKind::kFile: return source.name;
    case SecretKind::kEnvironment: return "$" + source.name;
    case SecretKind::kCredential: return "credential " + source.name;
  }
  return {};
}

std::filesystem::path credential_path(std::string_view name, const Environment& environment) {
  const std::string_view folder = variable(environment, "CREDENTIALS_DIRECTORY");
  if (folder.empty() || name.empty() || name.find('/') != std::string_view::npos) return {};
  std::filesystem::path path = std::filesystem::path(folder) / name;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path : std::filesystem::path();
}

Result<Secret> read_secret(const SecretSource& source, const Environment& environment) {
  Result<std::string> text = read_text(source, environment);
  if (!text) return std::move(text).error();
  const std::string shown_name = print_secret_source(source);
  if (text->empty()) {
    return Error{ErrorCode::kInvalid, fmt::format("secret {}: it is empty", shown_name),
                 source.kind == SecretKind::kEnvironment
                     ? fmt::format("export {}=$(openssl rand -hex 32), or unset {}", source.name,
                                   source.name)
                     : fmt::format("openssl rand -hex 32 > {}", source.name)};
  }
  if (text->find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("secret {}: it has more than one line or a NUL", shown_name),
                 {}};
  }
  return Secret(std::move(text).value());
}

Status check_hub_secret(const Secret& secret, const SecretSource& source) {
  const std::string_view text = secret.reveal();
  const bool is_ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!is_ascii) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("secret {}: the Hub sends printable ASCII only, so this one could "
                             "never arrive",
                             print_secret_source(source)),
                 "choose another one: openssl rand -hex 32"};
  }
  if (text.starts_with(' ') || text.ends_with(' ')) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("secret {}: it has a space at an end, which HTTP takes away",
                             print_secret_source(source)),
                 "remove the space"};
  }
  return {};
}

}  // namespace hookhost::app
