// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a Hub payload. What the strict form takes the tolerant one takes with the same
// fields; every refusal is a JSON document of FastAPI's form whose echoes are within the limit.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "fuzz/cost_limit.h"
#include "payload/cursor.h"
#include "payload/event_filter.h"
#include "payload/hub_payload.h"
#include "payload/validation.h"

namespace hookhost::payload {
namespace {

std::vector<char> padded(std::string_view text) {
  std::vector<char> bytes(text.begin(), text.end());
  bytes.resize(text.size() + kPaddingBytes, '"');
  return bytes;
}

static_assert(std::has_unique_object_representations_v<HubFields>);  // compared as bytes

void check_refusal(const Refusal& refusal) {
  static Parser parser;
  Arena arena;
  const std::vector<char> bytes = padded(refusal.body);
  const auto answer = parser.parse({bytes.data(), refusal.body.size()}, arena);
  HOOKHOST_CHECK(answer.has_value());
  const Cursor cursor(*answer);
  const NodeId detail = cursor.get(kRoot, "detail");
  if (refusal.status == 400) {
    HOOKHOST_CHECK(cursor.text(detail) == "There was an error parsing the body");
    return;
  }
  HOOKHOST_CHECK(refusal.status == 422 && cursor.size(detail) >= 1);
  HOOKHOST_CHECK(cursor.size(detail) <= kErrorsMax);
  for (NodeId error = cursor.first(detail); error != kNoNode; error = cursor.next(error)) {
    const NodeId input = cursor.get(error, "input");
    // A byte that is no UTF-8 is echoed as a character of three.
    HOOKHOST_CHECK(cursor.type(input) == NodeType::kString
                       ? cursor.text(input).size() <= 3 * kEchoBytesMax
                       : cursor.raw(input).size() <= kEchoBytesMax);
    HOOKHOST_CHECK(!cursor.text(cursor.get(error, "type")).empty());
    HOOKHOST_CHECK(cursor.text(cursor.at(cursor.get(error, "loc"), 0)) == "body");
  }
}

void run(std::string_view input) {
  static Parser parser;
  const std::vector<char> bytes = padded(input);
  const std::string_view body(bytes.data(), input.size());
  Arena arena;

  const auto strict = understand(parser, Form::kHubStrict, "application/json", body, arena);
  const auto tolerant = understand(parser, Form::kHub, "application/json", body, arena);
  const auto json = understand(parser, Form::kJson, "application/json", body, arena);
  const auto text = understand(parser, Form::kHub, "text/plain", body, arena);

  HOOKHOST_CHECK(!text.has_value());
  check_refusal(text.error());
  if (!strict) check_refusal(strict.error());
  if (!tolerant) check_refusal(tolerant.error());
  if (!json) {
    check_refusal(json.error());
    HOOKHOST_CHECK(!tolerant.has_value() && tolerant.error().body == json.error().body);
  }
  if (tolerant) {
    const HubFields& hub = tolerant->header().hub;
    const Cursor cursor(*tolerant);
    static_cast<void>(filter_matches("repo.*:update,discussion", cursor.text(hub.event_scope),
                                     cursor.text(hub.event_action)));
  }
  if (strict) {
    HOOKHOST_CHECK(tolerant.has_value());
    HOOKHOST_CHECK(std::memcmp(&strict->header().hub, &tolerant->header().hub, sizeof(HubFields)) ==
                   0);
  }
}

}  // namespace
}  // namespace hookhost::payload

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  hookhost::payload::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
