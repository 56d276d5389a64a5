// SPDX-License-Identifier: Apache-2.0
//
// LiveHost: the real binary as a stranger meets it: plugins in a folder, requests over a socket,
// lines on its output. Every secret of these tests holds kSecretMark, and no output of any process
// that is started here may show it: that is checked at the end of each, for every test.
#pragma once

#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/host_process.h"
#include "support/raw_client.h"

namespace hookhost::e2e {

using testing::RawAnswer;
using testing::RawClient;
using Headers = std::vector<std::pair<std::string, std::string>>;
using Environment = std::map<std::string, std::string>;

// Part of every secret that a test configures or sends.
inline constexpr std::string_view kSecretMark = "s3cr3t";
inline constexpr const char* kSecret = "s3cr3t-of-the-hub-4711";

// The folder of a plugin that CMake has built for these tests, and the library in it.
std::filesystem::path plugin_folder(std::string_view name);
std::filesystem::path plugin_file(std::string_view name);

struct Request {
  std::string method = "POST";
  std::string target = "/";
  Headers headers = {};  // besides Host and Content-Length
  std::string body = {};
};

// The bytes of it; Host, Content-Length and `Connection: close` are added.
std::string bytes_of(const Request& request, bool is_last = true);

class LiveHost {
 public:
  // arguments behind `hookhost`; environment: all of it, besides PATH. program: as of HostProcess.
  explicit LiveHost(std::vector<std::string> arguments, Environment environment = {},
                    std::string program = test::hookhost_binary());
  // Ends it with SIGTERM when end() was not called.
  ~LiveHost();
  LiveHost(const LiveHost&) = delete;
  LiveHost& operator=(const LiveHost&) = delete;

  test::HostProcess& process() { return *process_; }
  std::string output() const { return process_->output(); }

  // One request over a connection of its own. A test fails when there is no answer.
  RawAnswer send(const Request& request) const;
  RawAnswer get(std::string target) const { return send({"GET", std::move(target)}); }
  // POST of a JSON body, without a secret.
  RawAnswer post(std::string target, std::string body, Headers more = {}) const;
  RawAnswer get_admin(std::string target) const;

  // SIGTERM: expects a clean end, and no secret in what it has printed.
  void end();
  // Whoever has killed it has no use for that.
  void forget() { is_ended_ = true; }

 private:
  std::unique_ptr<test::HostProcess> process_;
  bool is_ended_ = false;
};

// `hookhost ARGUMENTS` to its end.
test::ProcessResult hookhost(std::vector<std::string> arguments, Environment environment = {},
                             std::string_view input = {});

void expect_no_secret(std::string_view text);

// A host that all tests of a suite share: class Paths : public SharedHost<Paths>, with a static
// std::unique_ptr<LiveHost> make_host().
template <class Suite, class Base = ::testing::Test>
class SharedHost : public Base {
 public:
  static void SetUpTestSuite() { shared() = Suite::make_host(); }
  static void TearDownTestSuite() { shared().reset(); }
  static LiveHost& host() { return *shared(); }

 private:
  static std::unique_ptr<LiveHost>& shared() {
    static std::unique_ptr<LiveHost> host;
    return host;
  }
};

// One row of a table: what is sent, and every byte that must come back.
struct Row {
  std::string id;  // "P01_SlashInFront": the name of its test
  Request request;
  int status = 200;
  std::string body = {};
  Headers headers = {{"Content-Type", "application/json"}};
};
void expect_answer(const LiveHost& host, const Row& row);

inline std::string row_name(const ::testing::TestParamInfo<Row>& info) { return info.param.id; }
std::ostream& operator<<(std::ostream& out, const Row& row);

}  // namespace hookhost::e2e
