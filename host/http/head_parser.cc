// SPDX-License-Identifier: Apache-2.0
//
// Beast 345 is fed a complete head in one call, so none of its paths for partial input and none of
// its body code runs: the scanner before and the guard behind decide what it is too lax about.
#include "http/head_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

namespace hookhost::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

std::string_view view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

class HeadParser final : public beast::http::basic_parser<true> {
 public:
  explicit HeadParser(std::span<Header> headers) : headers_(headers) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the scanner's business
    body_limit(boost::none);                                  // the route's
  }

  RawHead head;
  Rule rule = Rule::kAccepted;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, error_code&) override {
    head.method = view(method);
    head.target = view(target);
    head.version = version;
  }

  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     error_code& error) override {
    const std::size_t count = head.headers.size();
    if (count == headers_.size()) {
      rule = Rule::kTooManyHeaders;
      error = beast::http::error::header_limit;
      return;
    }
    headers_[count] = {view(name), view(value)};
    head.headers = headers_.first(count + 1);
  }

  // Never called: the head is all that is fed.
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override {
    return 0;
  }
  void on_finish_impl(error_code&) override {}

  std::span<Header> headers_;
};

struct Row {
  beast::http::error error;
  Rule rule;
};
constexpr Row kRules[] = {
    {beast::http::error::bad_line_ending, Rule::kLineEnd},
    {beast::http::error::bad_method, Rule::kRequestLine},
    {beast::http::error::bad_target, Rule::kRequestLine},
    {beast::http::error::bad_version, Rule::kRequestLine},
    {beast::http::error::bad_content_length, Rule::kContentLength},
    {beast::http::error::multiple_content_length, Rule::kFraming},
    {beast::http::error::bad_transfer_encoding, Rule::kFraming},
};

Rule rule_of(const error_code& error) {
  for (const Row& row : kRules) {
    if (error == row.error) return row.rule;
  }
  return Rule::kHeaderLine;
}

}  // namespace

Result<RawHead, Rule> parse_head(std::string_view head, std::span<Header> headers) noexcept {
  HeadParser parser(headers);
  error_code error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (parser.rule != Rule::kAccepted) return parser.rule;
  if (error) return rule_of(error);
  if (!parser.is_header_done()) return Rule::kHeaderLine;
  return parser.head;
}

}  // namespace hookhost::http
