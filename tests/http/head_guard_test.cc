// SPDX-License-Identifier: Apache-2.0
//
// Which heads does the door let in, and for which rule does it turn the others away? Pure: scanner,
// parser and guard over bytes, without a socket. Each head is also fed byte by byte, and the
// verdict must be the same.
#include "http/head_guard.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "http/head_parser.h"
#include "http/head_scanner.h"

namespace hookhost::http {
namespace {

struct Verdict {
  bool needs_more = false;
  Rule rule = Rule::kAccepted;
  Framing framing = {};
  std::string method = {}, target = {};
  std::size_t head_end = 0;
};

Verdict finish(const HeadScanner& scanner, std::string_view bytes, const Limits& limits) {
  Verdict verdict;
  std::array<Header, kHeadersMax> headers;
  const auto raw =
      parse_head(bytes.substr(scanner.begin(), scanner.end() - scanner.begin()), headers);
  verdict.head_end = scanner.end();
  if (!raw) {
    verdict.rule = raw.error();
    return verdict;
  }
  const auto framing = judge_head(*raw, limits);
  if (!framing) {
    verdict.rule = framing.error();
    return verdict;
  }
  verdict.framing = *framing;
  verdict.method = raw->method;
  Arena arena;
  verdict.target = origin_form(raw->target, arena);
  return verdict;
}

// Every prefix whose length is a multiple of step is shown first. The bytes lie in memory of exact
// size, so that a read behind them is seen by the address sanitizer.
Verdict judge_in_steps(std::string_view all, std::size_t step, const Limits& limits) {
  HeadScanner scanner;
  for (std::size_t shown = step;; shown += step) {
    const std::size_t size = std::min(shown, all.size());
    const std::unique_ptr<char[]> exact(new char[size + 1]);
    std::copy_n(all.data(), size, exact.get());
    // One byte behind the end, as kPaddingBytes behind a block allow: Beast's comparison reads it.
    exact[size] = 0;
    const std::string_view bytes(exact.get(), size);
    switch (scanner.scan(bytes, limits)) {
      case HeadScanner::State::kMore: break;
      case HeadScanner::State::kWhole: return finish(scanner, bytes, limits);
      case HeadScanner::State::kRefused: return {.rule = scanner.rule()};
    }
    if (size == all.size()) return {.needs_more = true};
  }
}

Verdict judge(std::string_view bytes, const Limits& limits = {}) {
  const Verdict whole = judge_in_steps(bytes, bytes.size() + 1, limits);
  for (std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    const Verdict split = judge_in_steps(bytes, step, limits);
    EXPECT_EQ(split.needs_more, whole.needs_more) << "in steps of " << step;
    EXPECT_EQ(split.rule, whole.rule) << "in steps of " << step;
    EXPECT_EQ(split.head_end, whole.head_end) << "in steps of " << step;
  }
  return whole;
}

// A good request with these header lines added.
Verdict judge_lines(std::string_view lines, const Limits& limits = {}) {
  return judge("POST /webhooks/x HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) + "\r\n",
               limits);
}

TEST(HeadGuard, AcceptsAnOrdinaryPost) {
  const std::string head =
      "POST /webhooks/x?y=1 HTTP/1.1\r\nHost: localhost:7860\r\nContent-Type: application/json\r\n"
      "X-Webhook-Secret: s\r\nContent-Length: 12\r\n\r\n";

  const Verdict verdict = judge(head + "hello, world");

  EXPECT_EQ(verdict.rule, Rule::kAccepted);
  EXPECT_EQ(verdict.method, "POST");
  EXPECT_EQ(verdict.target, "/webhooks/x?y=1");
  EXPECT_EQ(verdict.framing.content_length, 12U);
  EXPECT_FALSE(verdict.framing.is_chunked);
  EXPECT_TRUE(verdict.framing.keep_alive);
  EXPECT_EQ(verdict.head_end, head.size());
}

TEST(HeadGuard, WaitsForTheEmptyLine) {
  EXPECT_TRUE(judge("POST / HTTP/1.1\r\nHost: a\r\n").needs_more);
  EXPECT_TRUE(judge("").needs_more);
}

TEST(HeadGuard, IgnoresOneEmptyLineBeforeTheRequestLine) {
  EXPECT_EQ(judge("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").rule, Rule::kAccepted);
  EXPECT_EQ(judge("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").rule, Rule::kRequestLine);
  EXPECT_TRUE(judge("\r\n").needs_more);
}

// The request line.

TEST(HeadGuard, RefusesWhatIsNotARequestLine) {
  for (const char* line :
       {"GET /", "GET / http/1.1", "GET / HTTP/1.11", "GET / HTTP/1.", "GET  / HTTP/1.1",
        "GET / x HTTP/1.1", " GET / HTTP/1.1", "/ HTTP/1.1", "GET HTTP/1.1", "G(T / HTTP/1.1",
        "GET / HTTP/1.1 ", "GET\t/ HTTP/1.1", "GET /\x01 HTTP/1.1", "HTTP/1.1"}) {
    EXPECT_EQ(judge(std::string(line) + "\r\nHost: a\r\n\r\n").rule, Rule::kRequestLine) << line;
  }
}

TEST(HeadGuard, RefusesOtherVersionsByName) {
  for (const char* version : {"0.9", "1.2", "2.0", "9.9", "0.0"}) {
    EXPECT_EQ(judge("GET / HTTP/" + std::string(version) + "\r\n\r\n").rule, Rule::kVersion)
        << version;
  }
}

TEST(HeadGuard, RefusesAnHttp2PrefaceAndATlsHello) {
  EXPECT_EQ(judge("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").rule, Rule::kVersion);
  EXPECT_EQ(judge(std::string("\x16\x03\x01\x02", 4)).rule, Rule::kRequestLine);
}

TEST(HeadGuard, RefusesConnectAndTraceButLeavesOtherMethodsToTheReceiver) {
  EXPECT_EQ(judge("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").rule, Rule::kMethod);
  EXPECT_EQ(judge("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").rule, Rule::kMethod);
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "X-1"}) {
    EXPECT_EQ(judge(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n").rule, Rule::kAccepted)
        << method;
  }
}

TEST(HeadGuard, TakesAMethodOf32CharactersAndNotOf33) {
  const std::string rest = " / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(judge(std::string(32, 'M') + rest).rule, Rule::kAccepted);
  EXPECT_EQ(judge(std::string(33, 'M') + rest).rule, Rule::kMethod);
}

TEST(HeadGuard, RewritesAbsoluteFormToOriginForm) {
  struct Row {
    const char* target;
    const char* origin;
  };
  for (const Row& row :
       {Row{"http://localhost/a?b", "/a?b"}, Row{"HTTPS://[::1]:80/a", "/a"}, Row{"http://h", "/"},
        Row{"http://h?q", "/?q"}, Row{"/a", "/a"}, Row{"/http://h/", "/http://h/"}}) {
    const Verdict verdict =
        judge("GET " + std::string(row.target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(verdict.rule, Rule::kAccepted) << row.target;
    EXPECT_EQ(verdict.target, row.origin);
  }
}

TEST(HeadGuard, RefusesOtherTargetForms) {
  for (const char* target : {"*", "a", "ftp://h/", "http:///a", "http://u@h/", "http://a b/",
                             "/a#b", "/\x80", "\xc3\xa9", "http://h:65536/", "//"}) {
    const Verdict verdict =
        judge("OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const bool is_path = std::string_view(target) == "//";  // routing's business
    if (std::string_view(target).find(' ') != std::string_view::npos) {
      EXPECT_EQ(verdict.rule, Rule::kRequestLine) << target;
    } else {
      EXPECT_EQ(verdict.rule, is_path ? Rule::kAccepted : Rule::kTargetForm) << target;
    }
  }
}

TEST(HeadGuard, TakesATargetOfTheLimitAndNotOneByteMore) {
  const auto with_target = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const Limits limits;
  EXPECT_EQ(judge(with_target(limits.target_bytes_max)).rule, Rule::kAccepted);
  EXPECT_EQ(judge(with_target(limits.target_bytes_max + 1)).rule, Rule::kTargetTooLong);
  EXPECT_EQ(judge(with_target(20 * 1024)).rule, Rule::kTargetTooLong);
  EXPECT_EQ(judge("GET /" + std::string(9000, 'a')).rule, Rule::kTargetTooLong);  // not even whole
}

// The lines of the head.

TEST(HeadGuard, RefusesBareLineFeedsAndCarriageReturns) {
  EXPECT_EQ(judge("GET / HTTP/1.1\nHost: a\n\n").rule, Rule::kLineEnd);
  EXPECT_EQ(judge("GET / HTTP/1.1\r\nHost: a\n\r\n").rule, Rule::kLineEnd);
  EXPECT_EQ(judge("GET / HTTP/1.1\r\nHost: a\r\n\n").rule, Rule::kLineEnd);
  EXPECT_EQ(judge("\nGET / HTTP/1.1\r\n\r\n").rule, Rule::kRequestLine);
  EXPECT_EQ(judge("\rGET / HTTP/1.1\r\n\r\n").rule, Rule::kLineEnd);
  EXPECT_EQ(judge_lines("X: a\rb\r\n").rule, Rule::kLineEnd);
  EXPECT_EQ(judge_lines("X: a\r\r\n").rule, Rule::kLineEnd);
}

TEST(HeadGuard, RefusesFoldedHeadersEvenWithAnEmptyFirstLine) {
  EXPECT_EQ(judge_lines("X: a\r\n b\r\n").rule, Rule::kFoldedHeader);
  EXPECT_EQ(judge_lines("X:\r\n\tb\r\n").rule, Rule::kFoldedHeader);
  EXPECT_EQ(judge_lines("Content-Length:\r\n 5\r\n").rule, Rule::kFoldedHeader);
  EXPECT_EQ(judge_lines("Transfer-Encoding:\r\n chunked\r\n").rule, Rule::kFoldedHeader);
  EXPECT_EQ(judge("GET / HTTP/1.1\r\n Host: a\r\n\r\n").rule, Rule::kFoldedHeader);
}

TEST(HeadGuard, RefusesBrokenHeaderLines) {
  using namespace std::string_view_literals;
  for (std::string_view line :
       {"no colon"sv, ": empty name"sv, "A B: c"sv, "A : b"sv, "A\x01: b"sv, "A\x80: b"sv,
        "A: b\0c"sv, "A: b\x01"sv, "A: b\x7f"sv, "A\0: b"sv, "Transfer-Encoding : chunked"sv,
        "Transfer-Encoding\x0b: chunked"sv}) {
    EXPECT_EQ(judge_lines(std::string(line) + "\r\n").rule, Rule::kHeaderLine) << line;
  }
}

TEST(HeadGuard, RefusesNamesWithUnderscores) {
  EXPECT_EQ(judge_lines("Content_Length: 5\r\n").rule, Rule::kHeaderName);
  EXPECT_EQ(judge_lines("X_Webhook_Secret: s\r\n").rule, Rule::kHeaderName);
  EXPECT_EQ(judge_lines("X-Fine: under_score\r\n").rule, Rule::kAccepted);
}

TEST(HeadGuard, TakesValuesWithTabsAndBytesBeyondAscii) {
  EXPECT_EQ(judge_lines("X: a\tb \xc3\xa9\r\n").rule, Rule::kAccepted);
  EXPECT_EQ(judge_lines("X:\r\n").rule, Rule::kAccepted);
}

TEST(HeadGuard, TakesAsManyHeadersAsTheLimitAndNotOneMore) {
  std::string lines;
  for (std::size_t i = 1; i < kHeadersMax; ++i) lines += "A: b\r\n";
  EXPECT_EQ(judge_lines(lines).rule, Rule::kAccepted);  // with Host: kHeadersMax
  EXPECT_EQ(judge_lines(lines + "A: b\r\n").rule, Rule::kTooManyHeaders);
}

TEST(HeadGuard, TakesAHeadOfTheLimitAndNotOneByteMore) {
  const Limits limits;
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const auto head_of = [&](std::size_t bytes) {
    return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(judge(head_of(limits.head_bytes_max)).rule, Rule::kAccepted);
  EXPECT_EQ(judge(head_of(limits.head_bytes_max) + "body").rule, Rule::kAccepted);
  EXPECT_EQ(judge(head_of(limits.head_bytes_max + 1)).rule, Rule::kHeadTooLarge);
  EXPECT_EQ(judge("\r\n" + head_of(limits.head_bytes_max)).rule, Rule::kAccepted);
  EXPECT_EQ(judge(start + std::string(limits.head_bytes_max, 'x')).rule, Rule::kHeadTooLarge);
}

// Framing: what smuggles.

TEST(HeadGuard, RefusesLengthAndEncodingTogetherInEitherOrder) {
  EXPECT_EQ(judge_lines("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n").rule,
            Rule::kFraming);
  const Rule rule = judge_lines("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n").rule;
  EXPECT_EQ(refusal(rule).status, 400);
  EXPECT_EQ(judge_lines("Transfer-Encoding: identity\r\nContent-Length: 5\r\n").rule,
            Rule::kFraming);
  EXPECT_EQ(judge_lines("Content-Length: 0\r\nTransfer-Encoding: x\r\n").rule, Rule::kFraming);
}

TEST(HeadGuard, TakesExactlyChunkedAsEncoding) {
  EXPECT_TRUE(judge_lines("Transfer-Encoding: chunked\r\n").framing.is_chunked);
  EXPECT_TRUE(judge_lines("transfer-encoding:CHUNKED\r\n").framing.is_chunked);
  for (const char* encoding :
       {"identity", "gzip", "chunked, gzip", "gzip, chunked", "", "\"chunked\"", "chunked;a=b",
        "chunked, chunked", "chunked,", ",chunked", "xchunked", "chunked x", "chunke"}) {
    EXPECT_EQ(judge_lines("Transfer-Encoding: " + std::string(encoding) + "\r\n").rule,
              Rule::kTransferEncoding)
        << encoding;
  }
}

TEST(HeadGuard, RefusesTwoTransferEncodings) {
  EXPECT_EQ(judge_lines("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n").rule,
            Rule::kFraming);
  EXPECT_EQ(judge_lines("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n").rule,
            Rule::kFraming);
}

TEST(HeadGuard, RefusesTransferEncodingOnHttp10) {
  EXPECT_EQ(judge("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").rule,
            Rule::kTransferEncodingOn10);
}

TEST(HeadGuard, TakesOneDecimalContentLength) {
  EXPECT_EQ(judge_lines("Content-Length: 0\r\n").framing.content_length, 0U);
  EXPECT_EQ(judge_lines("Content-Length:  9999999999999999999 \r\n").framing.content_length,
            9'999'999'999'999'999'999U);
  for (const char* length : {"+5", "-1", "0x10", "1e3", "1_0", "", "10 10", "18446744073709551616",
                             "18446744073709551621", "18446744073709551615", "00000000000000000005",
                             "\xef\xbc\x95", "5,", "abc", "99999999999999999999"}) {
    const Rule rule = judge_lines("Content-Length: " + std::string(length) + "\r\n").rule;
    EXPECT_EQ(refusal(rule).status, 400) << length;
    EXPECT_EQ(rule, Rule::kContentLength) << length;
  }
}

TEST(HeadGuard, RefusesTwoContentLengthsEvenIfTheyAreEqual) {
  for (const char* lines :
       {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: 5, 6\r\n"}) {
    EXPECT_EQ(refusal(judge_lines(lines).rule).status, 400) << lines;
  }
}

// Host.

TEST(HeadGuard, WantsOneGoodHostOnHttp11) {
  const auto with_hosts = [](std::string_view lines) {
    return judge("GET / HTTP/1.1\r\n" + std::string(lines) + "\r\n").rule;
  };
  EXPECT_EQ(with_hosts(""), Rule::kHost);
  EXPECT_EQ(with_hosts("Host: a\r\nHost: a\r\n"), Rule::kHost);
  for (const char* host : {"a b", "u@h", "u@h/..", "a/b", "", "a:", "a:b", "a:65536", ":80", "[::1",
                           "[]", "a:80:80", "a\"b", "[::1]x"}) {
    const bool is_empty_port = std::string_view(host) == "a:";  // RFC 9110 allows it
    EXPECT_EQ(with_hosts("Host: " + std::string(host) + "\r\n"),
              is_empty_port ? Rule::kAccepted : Rule::kHost)
        << host;
  }
  for (const char* host : {"localhost", "a.b-c.example:7860", "127.0.0.1", "[::1]", "[::1]:65535",
                           "user-space.hf.space"}) {
    EXPECT_EQ(with_hosts("Host: " + std::string(host) + "\r\n"), Rule::kAccepted) << host;
  }
}

TEST(HeadGuard, LetsHttp10GoWithoutAHost) {
  EXPECT_EQ(judge("GET / HTTP/1.0\r\n\r\n").rule, Rule::kAccepted);
  EXPECT_EQ(judge("GET / HTTP/1.0\r\nHost: a b\r\n\r\n").rule, Rule::kHost);
}

// Headers that stand once.

// K13: a repeated credential header is refused with the Hub's 403, whichever came first.
TEST(HeadGuard, RefusesARepeatedHubSecretInTheHubsWordsK13) {
  const Rule rule = judge_lines("X-Webhook-Secret: right\r\nx-webhook-secret: wrong\r\n").rule;

  EXPECT_EQ(rule, Rule::kRepeatedHubSecret);
  EXPECT_EQ(refusal(rule).status, 403);
  EXPECT_EQ(refusal(rule).body, R"({"error":"Invalid webhook secret."})");
}

TEST(HeadGuard, RefusesRepeatedCredentials) {
  for (const char* name : {"Authorization", "X-Hub-Signature-256", "Stripe-Signature",
                           "Webhook-Signature", "X-Slack-Signature", "X-Gitlab-Token"}) {
    const std::string line = std::string(name) + ": a\r\n";
    EXPECT_EQ(judge_lines(line).rule, Rule::kAccepted) << name;
    EXPECT_EQ(judge_lines(line + line).rule, Rule::kRepeatedCredential) << name;
  }
}

TEST(HeadGuard, RefusesRepeatedIdsAndContentTypes) {
  for (const char* name : {"Content-Type", "Webhook-Id", "X-GitHub-Delivery", "Svix-Id"}) {
    const std::string line = std::string(name) + ": a\r\n";
    EXPECT_EQ(judge_lines(line).rule, Rule::kAccepted) << name;
    EXPECT_EQ(judge_lines(line + line).rule, Rule::kRepeatedHeader) << name;
  }
  EXPECT_EQ(judge_lines("Accept: a\r\nAccept: b\r\n").rule, Rule::kAccepted);
}

TEST(HeadGuard, SmugglingIsRefusedBeforeAnythingElse) {
  EXPECT_EQ(refusal(judge_lines("X-Webhook-Secret: a\r\nX-Webhook-Secret: a\r\n"
                                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")
                        .rule)
                .status,
            400);
  const std::string refused_otherwise =
      "X-Webhook-Secret: a\r\nX-Webhook-Secret: a\r\nExpect: x\r\nContent-Encoding: gzip\r\n";
  EXPECT_EQ(judge_lines(refused_otherwise + "Host: b\r\n").rule, Rule::kHost);
  EXPECT_EQ(judge_lines(refused_otherwise + "Content-Length: 5\r\nContent-Length: 5\r\n").rule,
            Rule::kFraming);
  EXPECT_EQ(judge_lines(refused_otherwise + "X_Y: z\r\n").rule, Rule::kHeaderName);
  EXPECT_EQ(judge_lines(refused_otherwise + "Transfer-Encoding: gzip\r\n").rule,
            Rule::kTransferEncoding);
  EXPECT_EQ(judge_lines(refused_otherwise + "Content-Length: x\r\n").rule, Rule::kContentLength);
}

// What the connection becomes.

TEST(HeadGuard, KeepsTheConnectionAsTheVersionAndTheHeaderSay) {
  struct Row {
    const char* version;
    const char* connection;
    bool keep_alive;
  };
  for (const Row& row : {Row{"1.1", "", true}, Row{"1.1", "Connection: close\r\n", false},
                         Row{"1.1", "Connection: Upgrade, CLOSE\r\n", false},
                         Row{"1.1", "Connection: closed\r\n", true}, Row{"1.0", "", false},
                         Row{"1.0", "Connection: Keep-Alive\r\n", true},
                         Row{"1.0", "Connection: keep-alive, close\r\n", false}}) {
    const Verdict verdict = judge("GET / HTTP/" + std::string(row.version) + "\r\nHost: a\r\n" +
                                  row.connection + "\r\n");
    EXPECT_EQ(verdict.rule, Rule::kAccepted);
    EXPECT_EQ(verdict.framing.keep_alive, row.keep_alive) << row.version << row.connection;
  }
}

TEST(HeadGuard, KnowsOneExpectation) {
  EXPECT_TRUE(
      judge_lines("Expect: 100-continue\r\nContent-Length: 5\r\n").framing.expects_continue);
  EXPECT_TRUE(judge_lines("Expect: 100-Continue\r\n").framing.expects_continue);
  EXPECT_EQ(judge_lines("Expect: 200-ok\r\n").rule, Rule::kExpect);
  EXPECT_EQ(judge_lines("Expect: 100-continue, x\r\n").rule, Rule::kExpect);
  EXPECT_FALSE(judge("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").framing.expects_continue);
}

TEST(HeadGuard, TakesNoContentEncodingButIdentity) {
  EXPECT_EQ(judge_lines("Content-Encoding: identity\r\n").rule, Rule::kAccepted);
  for (const char* encoding : {"gzip", "br", "identity, gzip", ""}) {
    EXPECT_EQ(judge_lines("Content-Encoding: " + std::string(encoding) + "\r\n").rule,
              Rule::kContentEncoding)
        << encoding;
  }
}

TEST(HeadGuard, IgnoresUpgrades) {
  EXPECT_EQ(judge_lines("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n").rule,
            Rule::kAccepted);
}

TEST(Rules, EachHasAStatusANameAndAJsonBody) {
  for (std::size_t i = 1; i < kRuleCount; ++i) {
    const Refusal& why = refusal(static_cast<Rule>(i));
    EXPECT_GE(why.status, 400);
    EXPECT_FALSE(why.rule.empty());
    EXPECT_TRUE(why.close);
    EXPECT_TRUE(why.body.starts_with("{\"") && why.body.ends_with("\"}")) << why.body;
  }
}

}  // namespace
}  // namespace hookhost::http
