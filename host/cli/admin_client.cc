// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_client.h"

#include <fmt/format.h>

#include <utility>

#include "app/announcement.h"
#include "app/config_value.h"
#include "cli/commands.h"
#include "http/client.h"

namespace hookhost::cli {
namespace {

// A build that hangs is given up after five seconds each by those before it and by itself, and a
// drain is waited for one second.
constexpr std::chrono::seconds kTimeout{60};

Error refusal_of(const payload::OwnedDocument& answer) {
  Error error{ErrorCode::kInvalid, answer.text("detail"), answer.text("fix")};
  if (const std::string file = answer.text("file");
      !file.empty() && error.message.find(file) == error.message.npos)
    error.message = fmt::format("{}: {}", file, error.message);
  std::uint64_t stays = 0;
  const payload::Cursor cursor = answer.cursor();
  static_cast<void>(cursor.read_u64(cursor.get(payload::kRoot, "stays"), stays));
  if (stays != 0)
    error.fix = fmt::format("stays: gen {}{}{}", stays, error.fix.empty() ? "" : "\n", error.fix);
  return error;
}

Result<http::ClientResponse> exchange(const app::Config& config, std::string_view method,
                                      const std::string& target, std::string body = {}) {
  const http::ListenAddress address = app::reachable_address(config.admin_listen);
  http::ClientRequest request{.method = std::string(method),
                              .target = target,
                              .headers = {{"X-Hookhost", "1"}},
                              .body = std::move(body)};
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!config.admin_token.empty())
    request.headers.emplace_back(
        "Authorization",
        fmt::format("Bearer {}", config.admin_token.credentials.front().secret.reveal()));
  auto answer = http::request(address, request, kTimeout);
  if (!answer) {
    Error error = std::move(answer).error();
    error.fix = "try: hookhost serve, or --admin-listen ADDR:PORT of the host that runs";
    return error;
  }
  if (answer->status == 401 || answer->status == 429)
    return Error{ErrorCode::kDenied,
                 fmt::format("{} wants another admin token", app::print_address(address)),
                 "[admin] token_file = \"FILE\", the same as the host's"};
  return answer;
}

}  // namespace

std::string text_of(const payload::Cursor& answer, payload::NodeId object, std::string_view key) {
  return std::string(answer.text(answer.get(object, key)));
}
std::uint64_t number_of(const payload::Cursor& answer, payload::NodeId object,
                        std::string_view key) {
  std::uint64_t value = 0;
  static_cast<void>(answer.read_u64(answer.get(object, key), value));
  return value;
}

Result<std::string> ask_bytes(const app::Config& config, const std::string& target) {
  auto answer = exchange(config, "GET", target);
  if (!answer) return std::move(answer).error();
  if (answer->status == 200) return std::move(answer->body);
  const auto json = payload::OwnedDocument::parse(answer->body);
  return Error{ErrorCode::kNotFound,
               json ? json->text("detail") : fmt::format("status {}", answer->status),
               {}};
}

Result<AdminAnswer> ask_admin(const app::Config& config, std::string_view method,
                              const std::string& target, std::string body) {
  auto answer = exchange(config, method, target, std::move(body));
  if (!answer) return std::move(answer).error();
  auto json = payload::OwnedDocument::parse(answer->body);
  if (!json)
    return Error{ErrorCode::kInternal,
                 fmt::format("{} does not answer as hookhost does (status {})",
                             app::print_address(app::reachable_address(config.admin_listen)),
                             answer->status),
                 {}};
  return AdminAnswer{answer->status, std::move(answer->body), *std::move(json)};
}

ExitCode run_admin_command(const Invocation& invocation, World& world, std::string_view method,
                           const std::string& target, std::string body,
                           void (*show)(World& world, const payload::OwnedDocument& answer)) {
  const auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  const auto answer = ask_admin(*config, method, target, std::move(body));
  if (!answer) {
    print_error(world, answer.error());
    return answer.error().code == ErrorCode::kDenied ? ExitCode::kDenied : ExitCode::kFailed;
  }
  const bool is_good = answer->status == 200;
  if (invocation.has("--json")) {
    world.out << answer->body << '\n';
  } else if (is_good) {
    show(world, answer->json);
  } else {
    print_error(world, refusal_of(answer->json));
  }
  return is_good ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace hookhost::cli
