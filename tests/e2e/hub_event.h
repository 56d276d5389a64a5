// SPDX-License-Identifier: Apache-2.0
//
// The smallest Hub payload that pydantic accepts, with parts to vary; and what the parity plugin
// answers when it has read one.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace hookhost::e2e {

struct HubEvent {
  std::string action = R"("update")";
  std::string scope = R"("repo.content")";
  std::string type = R"("dataset")";
  std::string is_private = "false";
  std::string name = R"("n")";
  std::string version = "3";
  std::string in_repo = "";  // ,"headSha":"abc"
  std::string rest = "";     // ,"updatedRefs":[]
};

// Parts are JSON texts.
inline std::string hub_event(const HubEvent& event = {}) {
  return R"({"event":{"action":)" + event.action + R"(,"scope":)" + event.scope +
         R"(},"repo":{"id":"r","owner":{"id":"o"},"name":)" + event.name + R"(,"private":)" +
         event.is_private + R"(,"type":)" + event.type + R"(,"url":{"web":"w"})" + event.in_repo +
         R"(},"webhook":{"id":"w","version":)" + event.version + "}" + event.rest + "}";
}

// A part for HubEvent::rest.
inline std::string discussion(std::string_view num = "1", std::string_view status = R"("open")") {
  return R"(,"discussion":{"id":"d","num":)" + std::string(num) +
         R"(,"author":{"id":"a"},"url":{"web":"w"},"title":"t","isPullRequest":false,"status":)" +
         std::string(status) + "}";
}

// What /webhooks/tolerant and /webhooks/strict answer.
struct Reading {
  std::string action = "update", scope = "repo.content", type = "dataset";
  std::string is_private = "false", head = "", num = "0", status = "", content = "";
  std::string has_content = "false", hidden = "false", version = "3", refs = "[]", extra = "null";
};
inline std::string reading(const Reading& read = {}) {
  const auto text = [](const std::string& value) { return '"' + value + '"'; };
  return R"({"action":)" + text(read.action) + R"(,"scope":)" + text(read.scope) + R"(,"type":)" +
         text(read.type) + R"(,"private":)" + read.is_private + R"(,"head":)" + text(read.head) +
         R"(,"num":)" + read.num + R"(,"status":)" + text(read.status) + R"(,"content":)" +
         text(read.content) + R"(,"has_content":)" + read.has_content + R"(,"hidden":)" +
         read.hidden + R"(,"version":)" + read.version + R"(,"refs":)" + read.refs +
         R"(,"extra":)" + read.extra + "}";
}

// A recorded event of the Hub: tests/data/hub.
inline std::string recorded_event(const std::string& name) {
  std::ifstream file(HOOKHOST_TEST_DATA "/hub/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace hookhost::e2e
