// SPDX-License-Identifier: Apache-2.0
//
// The head of a request as the journal keeps it: a request line and a line "Name: value" for each
// header, so that it can be read in sqlite3's command line too. What proves who sent it is left
// out: a copy of the journal must not let anybody in. Pure. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/request.h"

namespace hookhost::store {

// Whether a header of that name, in any case, carries a credential: passwords, tokens, cookies, and
// signatures, since those without a timestamp are good for ever.
bool is_credential(std::string_view name) noexcept;

// proof_header: one more that is left out, of a scheme whose header the operator named; empty:
// none. A secret in the query becomes ***. The head has passed the head guard.
std::string write_head(const RequestHead& head, std::string_view proof_header = {});

// A head that was kept, with the text that its views are of.
class EventHead {
 public:
  // kInvalid: write_head() did not write that.
  static Result<std::unique_ptr<EventHead>> read(std::string text);
  EventHead(const EventHead&) = delete;
  EventHead& operator=(const EventHead&) = delete;

  // received_at is not kept: it is 0.
  const RequestHead& head() const noexcept { return head_; }

 private:
  explicit EventHead(std::string text) : text_(std::move(text)) {}
  bool parse();

  const std::string text_;
  std::vector<Header> headers_;
  RequestHead head_;
};

}  // namespace hookhost::store
