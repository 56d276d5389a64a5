// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a JSON document. Besides not crashing, the two ways of reading must agree (the fast
// one takes exactly what the slow one finds no fault in), every node must be reachable and lie
// inside the body, and a number or a string must read back.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "base/text.h"
#include "fuzz/cost_limit.h"
#include "payload/cursor.h"
#include "payload/json_error.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

bool holds(std::string_view whole, std::string_view part) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_node(const Cursor& cursor, NodeId node, const Document& document) {
  HOOKHOST_CHECK(cursor.type(node) != NodeType::kNone);
  HOOKHOST_CHECK(!cursor.raw(node).empty() && holds(document.body, cursor.raw(node)));
  HOOKHOST_CHECK(is_utf8(cursor.key(node)) && is_utf8(cursor.text(node)));
  bool flag = false;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  double f64 = 0;
  const bool is_number = cursor.type(node) == NodeType::kNumber;
  HOOKHOST_CHECK((cursor.read_f64(node, f64) == ReadError::kType) == !is_number);
  HOOKHOST_CHECK((cursor.read_bool(node, flag) == ReadError::kOk) ==
                 (cursor.type(node) == NodeType::kBool));
  const bool fits_i64 = cursor.read_i64(node, i64) == ReadError::kOk;
  const bool fits_u64 = cursor.read_u64(node, u64) == ReadError::kOk;
  if (fits_i64 && fits_u64) HOOKHOST_CHECK(i64 >= 0 && static_cast<std::uint64_t>(i64) == u64);
  if (fits_i64) HOOKHOST_CHECK(static_cast<double>(i64) == f64);
}

// Every node stands in the list of one container's children, and the last of a key is found.
std::size_t check_children(const Cursor& cursor, NodeId container) {
  std::size_t count = 0;
  for (NodeId child = cursor.first(container); child != kNoNode; child = cursor.next(child)) {
    HOOKHOST_CHECK(child > container);
    HOOKHOST_CHECK(holds(cursor.raw(container), cursor.raw(child)));
    HOOKHOST_CHECK((cursor.key(child).data() != nullptr) ==
                   (cursor.type(container) == NodeType::kObject));
    if (count < 64 && cursor.key(child).data() != nullptr)
      HOOKHOST_CHECK(cursor.key(cursor.get(container, cursor.key(child))) == cursor.key(child));
    ++count;
  }
  return count;
}

void run(std::string_view input) {
  static Parser parser;
  std::vector<char> bytes(input.begin(), input.end());
  bytes.resize(input.size() + kPaddingBytes, '1');
  const std::string_view body(bytes.data(), input.size());
  Arena arena;

  const auto result = parser.parse(body, arena);
  const bool has_mark = body.starts_with("\xEF\xBB\xBF");
  const std::string_view text = has_mark ? body.substr(3) : body;
  const bool is_good = is_utf8(text) && find_json_error(text).fault == JsonFault::kNone;
  HOOKHOST_CHECK(result.has_value() == is_good);
  if (!result) {
    HOOKHOST_CHECK(result.error().status == 422 || result.error().status == 400);
    HOOKHOST_CHECK(is_utf8(result.error().body));
    return;
  }
  const Cursor cursor(*result);
  const std::size_t nodes = result->header().node_count;
  std::size_t reached = 1;
  for (NodeId node = kRoot; node <= nodes; ++node) {
    check_node(cursor, node, *result);
    reached += check_children(cursor, node);
  }
  HOOKHOST_CHECK(reached == nodes);
  HOOKHOST_CHECK(cursor.type(static_cast<NodeId>(nodes + 1)) == NodeType::kNone);
}

}  // namespace
}  // namespace hookhost::payload

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  hookhost::payload::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
