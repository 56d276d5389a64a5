// SPDX-License-Identifier: Apache-2.0
//
// Puppet: a plugin whose handlers are functions of the test (see puppet.c).
#pragma once

#include <stdlib.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/call.h"
#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/test_host.h"

namespace hookhost::plugin {

// What a test's handler is.
using PuppetHandler = std::function<hookhost_status(hookhost_call*, const hookhost_request*)>;

class Puppet {
 public:
  Puppet() {
    table_.struct_size = sizeof(table_);
    table_.magic = HOOKHOST_PLUGIN_MAGIC;
    table_.id = abi("puppet");
    table_.version = abi("1.0.0");
  }
  ~Puppet() { retire(); }

  // All before load().
  Puppet& endpoint(std::string_view name, std::int32_t form, PuppetHandler handler) {
    handlers_.push_back(std::make_unique<PuppetHandler>(std::move(handler)));
    hookhost_endpoint endpoint{};
    endpoint.struct_size = sizeof(endpoint);
    endpoint.name = abi(name);
    endpoint.form = form;
    endpoint.handle = [](void*, const hookhost_endpoint* self, hookhost_call* call,
                         const hookhost_request* request) {
      return (*static_cast<PuppetHandler*>(self->user))(call, request);
    };
    endpoint.user = handlers_.back().get();
    endpoints_.push_back(endpoint);
    return *this;
  }
  hookhost_plugin& table() { return table_; }
  std::vector<hookhost_endpoint>& endpoints() { return endpoints_; }

  Result<std::shared_ptr<Generation>> try_load(TestHost& host) {
    table_.endpoints = {endpoints_.data(), static_cast<std::uint32_t>(endpoints_.size()),
                        sizeof(hookhost_endpoint)};
    ::setenv("HOOKHOST_TEST_PUPPET",
             fmt::format("{:x}", reinterpret_cast<std::uintptr_t>(&table_)).c_str(), 1);
    const auto file = copy_plugin("puppet", folder_);
    return Generation::load({file, "puppet.so", inspect(file).value()}, host.services);
  }
  // Loaded, created and active.
  Generation& load(TestHost& host, PluginSettings settings = {}) {
    auto loaded = try_load(host);
    EXPECT_TRUE(loaded) << loaded.error().message;
    generation = std::move(loaded).value();
    const Status created = generation->create(1, std::move(settings));
    EXPECT_TRUE(created) << created.error().message;
    const Status activated = generation->activate();
    EXPECT_TRUE(activated) << activated.error().message;
    return *generation;
  }
  RetireReport retire(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    if (generation == nullptr) return {};
    RetireReport report = generation->retire(patience);
    if (report.held != 0) Generation::keep_for_ever(generation);
    generation.reset();
    return report;
  }
  Handler& handler(std::size_t index = 0) {
    handler_ = Generation::handler(generation, index);
    return *handler_;
  }

  std::shared_ptr<Generation> generation;

 private:
  test::TempDir folder_;
  std::vector<std::unique_ptr<PuppetHandler>> handlers_;
  std::vector<hookhost_endpoint> endpoints_;
  hookhost_plugin table_{};
  std::shared_ptr<Handler> handler_;
};

inline constexpr std::string_view kPush =
    R"({"event":{"action":"update","scope":"repo.content"},"repo":{"type":"dataset",)"
    R"("name":"org/data","id":"r1","private":true,"headSha":"abc","tags":["x","y\n"],)"
    R"("url":{"web":"https://hf.co/w","api":"https://hf.co/a"},"owner":{"id":"o1"}},)"
    R"("discussion":{"id":"d1","author":{"id":"a1"},"url":{"web":"w","api":"a"},"title":"T",)"
    R"("isPullRequest":true,"status":"open","num":7,"changes":{"base":"main","mergeCommitId":null}},)"
    R"("comment":{"id":"c1","author":{"id":"a2"},"hidden":false,"content":"say \"hi\"",)"
    R"("url":{"web":"cw","api":"ca"}},"webhook":{"id":"w1","version":3},)"
    R"("updatedRefs":[{"ref":"refs/heads/main","oldSha":null,"newSha":"n1"}]})";

// Answers with one chunk of static bytes.
inline hookhost_status answer(hookhost_call* call, std::string_view body, std::int32_t status = 200,
                              hookhost_release_fn release = nullptr, void* user = nullptr) {
  const hookhost_chunk chunk{sizeof(chunk), 0, body.data(), body.size(), release, user};
  hookhost_response response{};
  response.struct_size = sizeof(response);
  response.status = status;
  response.chunks = {&chunk, 1, sizeof(chunk)};
  hookhost_host table{};
  fill_call_functions(table);
  return table.respond(call, &response);
}

}  // namespace hookhost::plugin
