// SPDX-License-Identifier: Apache-2.0
#include "e2e/live_host.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <ostream>

namespace hookhost::e2e {
namespace {

// Slow machines under a sanitizer.
constexpr std::chrono::seconds kLimit{60};

RawAnswer exchange(std::uint16_t port, const Request& request) {
  RawClient client(port, kLimit);
  client.send(bytes_of(request));
  auto answer = client.read_answer(request.method == "HEAD");
  if (!answer) {
    ADD_FAILURE() << "no answer to " << request.method << ' ' << request.target;
    return {};
  }
  return *std::move(answer);
}

}  // namespace

std::filesystem::path plugin_folder(std::string_view name) {
  return std::filesystem::path(E2E_PLUGINS) / name;
}

std::filesystem::path plugin_file(std::string_view name) {
  return plugin_folder(name) / (std::string(name) + ".so");
}

std::string bytes_of(const Request& request, bool is_last) {
  std::string bytes = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
  if (!request.body.empty() || request.method == "POST") {
    bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  if (is_last) bytes += "Connection: close\r\n";
  return bytes + "\r\n" + request.body;
}

LiveHost::LiveHost(std::vector<std::string> arguments, Environment environment, std::string program)
    : process_(std::make_unique<test::HostProcess>(std::move(arguments), std::move(environment),
                                                   std::move(program))) {}

LiveHost::~LiveHost() {
  if (!is_ended_) end();
}

RawAnswer LiveHost::send(const Request& request) const {
  return exchange(process_->port(), request);
}

RawAnswer LiveHost::post(std::string target, std::string body, Headers more) const {
  more.emplace_back("Content-Type", "application/json");
  return send({"POST", std::move(target), std::move(more), std::move(body)});
}

RawAnswer LiveHost::get_admin(std::string target) const {
  return exchange(process_->admin_port(), {"GET", std::move(target)});
}

void LiveHost::end() {
  is_ended_ = true;
  process_->signal(SIGTERM);
  const int code = process_->wait();
  EXPECT_EQ(code, 0) << "the host ended with " << code << ":\n" << process_->output();
  expect_no_secret(process_->output());
}

test::ProcessResult hookhost(std::vector<std::string> arguments, Environment environment,
                             std::string_view input) {
  arguments.insert(arguments.begin(), test::hookhost_binary());
  environment.try_emplace("HOOKHOST_JOURNAL__DIR", "none");  // as HostProcess
  auto result = test::run_process(arguments, environment, input);
  expect_no_secret(result.out);
  expect_no_secret(result.err);
  return result;
}

void expect_no_secret(std::string_view text) {
  EXPECT_EQ(text.find(kSecretMark), text.npos) << "a secret was printed:\n" << text;
}

void expect_answer(const LiveHost& host, const Row& row) {
  const RawAnswer answer = host.send(row.request);

  EXPECT_EQ(answer.status, row.status);
  EXPECT_EQ(answer.body, row.body);
  for (const auto& [name, value] : row.headers) EXPECT_EQ(answer.header(name), value) << name;
}

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.request.method << ' ' << row.request.target << " -> " << row.status;
}

}  // namespace hookhost::e2e
