// SPDX-License-Identifier: Apache-2.0
//
// What does the real binary make of a request that is broken, ambiguous, too large or a trick? One
// table that reads like the catalogue of what the design asks for, both sides of each edge, sent
// byte for byte. Behind each row comes a good request on the same connection: it is answered where
// the first one's end is beyond doubt and never otherwise. Then the host must serve the next one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What becomes of the connection behind the answer.
enum class Then {
  kGoesOn,  // the good request behind it is answered
  kEnds,    // one answer, an orderly end, and no byte of what came behind was a request
  kEither,  // turned away before its body was there: one of the two
};

struct Said {
  std::string id;
  std::string wire;
  int status = 200;
  std::string rule = {};  // that the counter and the log name; empty: none
  Then then = Then::kGoesOn;
  bool is_cut = false;  // nothing comes behind it but the end of the sender's side
};

// ---- How the rows are written

const std::string kHost = "Host: localhost\r\n";

Said served(std::string id, std::string wire, int status = 200) {
  return {std::move(id), std::move(wire), status};
}
// Served, and the connection ends as one side asked.
Said last(std::string id, std::string wire, int status = 200) {
  return {std::move(id), std::move(wire), status, "", Then::kEnds};
}
// By the door, or while the body is read.
Said refused(std::string id, std::string wire, int status, std::string rule) {
  return {std::move(id), std::move(wire), status, std::move(rule), Then::kEnds};
}
Said cut(std::string id, std::string wire, int status, std::string rule) {
  return {std::move(id), std::move(wire), status, std::move(rule), Then::kEnds, true};
}
// By whoever the request was for: its end is known, so the connection goes on.
Said turned_away(std::string id, std::string wire, int status, std::string rule) {
  return {std::move(id), std::move(wire), status, std::move(rule)};
}

std::string line(std::string_view method, std::string_view target,
                 std::string_view version = "HTTP/1.1") {
  return std::string(method) + ' ' + std::string(target) + ' ' + std::string(version) + "\r\n";
}
// A POST to a route without a secret that takes any bytes: its request line, Host, these lines and
// whatever follows the empty line.
std::string post(std::string_view lines, std::string_view body = "",
                 std::string_view target = "/webhooks/r02_text") {
  return line("POST", target) + kHost + std::string(lines) + "\r\n" + std::string(body);
}
std::string five(std::string_view lines = "") {
  return post(std::string(lines) + "Content-Length: 5\r\n", "hello");
}
std::string chunked(std::string_view chunks, std::string_view lines = "",
                    std::string_view target = "/webhooks/r02_text") {
  return post(std::string(lines) + "Transfer-Encoding: chunked\r\n", chunks, target);
}
std::string to(std::string_view target, std::string_view lines = "") {
  return post(std::string(lines) + "Content-Length: 0\r\n", "", target);
}
std::string get(std::string_view target) { return line("GET", target) + kHost + "\r\n"; }

// What smuggling is about: the first reader takes it for a body, the second one for a request.
const std::string kHidden = "0\r\n\r\n" + to("/webhooks/r02_number");

// A head of so many bytes.
std::string head_of(std::size_t bytes) {
  const std::string start = line("POST", "/webhooks/r02_text") + kHost + "X: ";
  const std::string end = "\r\nContent-Length: 0\r\n\r\n";
  return start + std::string(bytes - start.size() - end.size(), 'x') + end;
}
std::string with_headers(int count) {
  std::string lines;
  for (int i = 2; i < count; ++i) lines += "A: b\r\n";
  return post(lines + "Content-Length: 0\r\n");  // with Host
}
std::string with_target_of(std::size_t bytes) {
  const std::string path = "/webhooks/r02_text?";
  return to(path + std::string(bytes - path.size(), 'q'));
}

const char* const kLimited = "/webhooks/f04_request";  // takes 1000 bytes
const char* const kGuarded = "/webhooks/r02_number";   // has a secret
const std::string kRight = "X-Webhook-Secret: "s + kSecret + "\r\n";

// ---- The table

const Said kTable[] = {
    // What must be served: without it the refusals below prove nothing.
    served("AGoodPost", five()),
    served("AGoodPostWithoutABody", to("/webhooks/r02_text")),
    served("AGoodPostInChunks", chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")),

    // Transfer-Encoding and Content-Length.
    refused("LengthThenEncoding",
            post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", kHidden), 400, "framing"),
    refused("EncodingThenLength",
            post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", kHidden), 400,
            "content-length"),
    refused("EncodingIdentityWithLength",
            post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", kHidden), 400, "framing"),
    refused("EncodingIdentity", post("Transfer-Encoding: identity\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingUnknown", post("Transfer-Encoding: cow\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingChunkedThenGzip", post("Transfer-Encoding: chunked, gzip\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingGzipThenChunked", post("Transfer-Encoding: gzip, chunked\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingChunkedTwiceInAList", post("Transfer-Encoding: chunked, chunked\r\n", kHidden),
            501, "transfer-encoding"),
    refused("EncodingEmpty", post("Transfer-Encoding:\r\n", kHidden), 501, "transfer-encoding"),
    refused("EncodingQuoted", post("Transfer-Encoding: \"chunked\"\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingWithAParameter", post("Transfer-Encoding: chunked;a=b\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingWithAComma", post("Transfer-Encoding: chunked,\r\n", kHidden), 501,
            "transfer-encoding"),
    refused("EncodingOnTwoLines",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", kHidden), 400,
            "framing"),
    refused("EncodingOnTwoLinesThatDiffer",
            post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", kHidden), 400,
            "framing"),
    refused("EncodingOnHttp10",
            line("POST", "/webhooks/r02_text", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n" +
                kHidden,
            400, "transfer-encoding-on-1.0"),
    refused("EncodingBehindAVerticalTab",
            post("Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 kHidden),
            400, "header-line"),
    refused("EncodingWithANul", post("Transfer-Encoding: chunked\0\r\n"s, kHidden), 400,
            "header-line"),
    refused("EncodingWithASpaceBeforeTheColon", post("Transfer-Encoding : chunked\r\n", kHidden),
            400, "header-line"),
    served("EncodingInOtherCase", post("transfer-encoding: CHUNKED\r\n", "0\r\n\r\n")),
    served("EncodingBetweenBlanks", post("Transfer-Encoding: \t chunked \t\r\n", "0\r\n\r\n")),

    refused("TwoLengthsThatDiffer", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"),
            400, "framing"),
    refused("TwoEqualLengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400,
            "framing"),
    refused("LengthAsAList", post("Content-Length: 5, 6\r\n", "hello!"), 400, "framing"),
    refused("LengthAsAListOfEquals", post("Content-Length: 5, 5\r\n", "hello"), 400,
            "content-length"),
    refused("LengthWithAPlus", post("Content-Length: +5\r\n", "hello"), 400, "content-length"),
    refused("LengthBelowZero", post("Content-Length: -1\r\n", "hello"), 400, "content-length"),
    refused("LengthInHex", post("Content-Length: 0x10\r\n", "hello"), 400, "content-length"),
    refused("LengthWithAnExponent", post("Content-Length: 1e3\r\n", "hello"), 400,
            "content-length"),
    refused("LengthWithAnUnderscore", post("Content-Length: 1_0\r\n", "hello"), 400,
            "content-length"),
    refused("LengthEmpty", post("Content-Length:\r\n", "hello"), 400, "content-length"),
    refused("LengthInTwoWords", post("Content-Length: 10 10\r\n", "hello"), 400, "content-length"),
    refused("LengthOf2To64", post("Content-Length: 18446744073709551616\r\n", "hello"), 400,
            "content-length"),
    refused("LengthOf2To64And5", post("Content-Length: 18446744073709551621\r\n", "hello"), 400,
            "content-length"),
    refused("LengthInFullWidthDigits", post("Content-Length: \xef\xbc\x95\r\n", "hello"), 400,
            "content-length"),
    served("LengthWithLeadingZeros", post("Content-Length: 0005\r\n", "hello")),
    served("LengthBetweenBlanks", post("Content-Length:\t5 \r\n", "hello")),
    last("LengthOnHttp10",
         line("POST", "/webhooks/r02_text", "HTTP/1.0") + "Content-Length: 5\r\n\r\nhello"),

    // Lines.
    refused("FoldedLength", post("Content-Length:\r\n 5\r\n", "hello"), 400, "folded-header"),
    refused("FoldedEncoding", post("Transfer-Encoding:\r\n chunked\r\n", kHidden), 400,
            "folded-header"),
    refused("FoldedOtherHeader", five("X: a\r\n\tb\r\n"), 400, "folded-header"),
    refused("FoldedFirstHeader", line("POST", "/webhooks/r02_text") + " " + kHost + "\r\n", 400,
            "folded-header"),
    refused("ABareFeedInTheHead", five("X: a\nY: b\r\n"), 400, "line-end"),
    refused("ABareFeedAtTheEndOfTheHead", line("GET", "/") + "Host: a\r\n\n", 400, "line-end"),
    refused("OnlyBareFeeds", "GET / HTTP/1.1\nHost: a\n\n", 400, "line-end"),
    refused("ABareReturnInAValue", five("X: a\rb\r\n"), 400, "line-end"),
    refused("TwoReturnsBeforeTheFeed", five("X: a\r\r\n"), 400, "line-end"),
    refused("ABareReturnBeforeTheRequest", "\r" + five(), 400, "line-end"),
    served("OneEmptyLineBeforeTheRequest", "\r\n" + five()),
    refused("TwoEmptyLinesBeforeTheRequest", "\r\n\r\n" + five(), 400, "request-line"),

    // Chunks.
    refused("ChunkSizeInHexNotation", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeBelowZero", chunked("-1\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeWithAPlus", chunked("+5\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeBehindASpace", chunked(" 5\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeBeforeASpace", chunked("5 \r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeWithAnUnderscore", chunked("0_5\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeEmpty", chunked("\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkSizeEmptyWithAnExtension", chunked(";a\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    served("ChunkSizeOf16Digits", chunked("0000000000000005\r\nhello\r\n0\r\n\r\n")),
    refused("ChunkSizeOf17Digits", chunked("00000000000000005\r\nhello\r\n0\r\n\r\n"), 400,
            "chunk"),
    refused("ChunkSizeThatWrapsAround", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"), 400,
            "chunk"),
    refused("ChunkSizeOfAllBits", chunked("ffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 413,
            "body-too-large"),
    refused("ChunksThatWrapAroundTogether",
            chunked("5\r\nhello\r\nfffffffffffffffb\r\nhello\r\n0\r\n\r\n"), 413, "body-too-large"),
    served("ChunkSizeInBothCases", chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n")),
    served("LastChunkOfSeveralZeros", chunked("5\r\nhello\r\n000\r\n\r\n")),
    refused("ChunkLineEndsWithABareFeed", chunked("5\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkLineEndsWithABareReturn", chunked("5\rhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkDataEndsWithABareFeed", chunked("5\r\nhello\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkDataLongerThanItsSize", chunked("4\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    refused("ChunkDataWithoutALineEnd", chunked("5\r\nhello0\r\n\r\n"), 400, "chunk"),
    served("ChunkExtension", chunked("5;a=\"b;c\";d\r\nhello\r\n0;last\r\n\r\n")),
    refused("ChunkExtensionWithANul", chunked("5;a\0b\r\nhello\r\n0\r\n\r\n"s), 400, "chunk"),
    refused("ChunkExtensionWithABareFeed", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), 400, "chunk"),
    served("ChunkExtensionsOf1024Bytes",
           chunked("5;" + std::string(1024, 'a') + "\r\nhello\r\n0\r\n\r\n")),
    refused("ChunkExtensionsOf1025Bytes",
            chunked("5;" + std::string(1025, 'a') + "\r\nhello\r\n0\r\n\r\n"), 400,
            "chunk-extension"),
    refused("ChunkExtensionsOf1025BytesInTwoChunks",
            chunked("5;" + std::string(1000, 'a') + "\r\nhello\r\n0;" + std::string(25, 'a') +
                    "\r\n\r\n"),
            400, "chunk-extension"),
    refused("ChunkExtensionOf256KiB", chunked("5;" + std::string(256 * 1024, 'a')), 400,
            "chunk-extension"),

    // Trailers.
    served("Trailer", chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "TE: trailers\r\n")),
    served("TrailersOf4096Bytes", chunked("0\r\nX: " + std::string(4096 - 5, 'a') + "\r\n\r\n")),
    refused("TrailersOf4097Bytes",
            chunked("0\r\nX: " + std::string(4097 - 5 + 1, 'a') + "\r\n\r\n"), 431, "trailer"),
    refused("TrailersOf1MiB", chunked("0\r\nX: " + std::string(1024 * 1024, 'a')), 431, "trailer"),
    served("LengthInTheTrailer", chunked("5\r\nhello\r\n0\r\nContent-Length: 100\r\n\r\n")),
    served("EncodingInTheTrailer",
           chunked("5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n")),
    refused("FoldedTrailer", chunked("0\r\nX: a\r\n b\r\n\r\n"), 400, "chunk"),
    refused("TrailerWithoutAColon", chunked("0\r\nX\r\n\r\n"), 400, "chunk"),
    refused("TrailerWithABareFeed", chunked("0\r\nX: a\n\r\n"), 400, "chunk"),
    turned_away("SecretOnlyInTheTrailer", chunked("0\r\n" + kRight + "\r\n", "", kGuarded), 401,
                "secret-missing"),
    turned_away("SecretRightInTheTrailerAndWrongInTheHeader",
                chunked("0\r\n" + kRight + "\r\n", "X-Webhook-Secret: wrong\r\n", kGuarded), 403,
                "secret-wrong"),
    served("SecretInTheHeader", to(kGuarded, kRight)),

    // Header lines.
    refused("NulInAValue", five("X: a\0b\r\n"s), 400, "header-line"),
    refused("ControlCharacterInAValue", five("X: a\x01\r\n"), 400, "header-line"),
    refused("DeleteInAValue", five("X: a\x7f\r\n"), 400, "header-line"),
    served("TabInAValue", five("X: a\tb\r\n")),
    served("BytesBeyondAsciiInAValue", five("X: \xc3\xa9\xff\r\n")),
    served("EmptyValue", five("X:\r\n")),
    refused("EmptyName", five(": a\r\n"), 400, "header-line"),
    refused("NoColon", five("X\r\n"), 400, "header-line"),
    refused("SpaceInAName", five("X Y: a\r\n"), 400, "header-line"),
    refused("SpaceBeforeTheColon", five("X : a\r\n"), 400, "header-line"),
    refused("TabBeforeTheColon", five("X\t: a\r\n"), 400, "header-line"),
    refused("BytesBeyondAsciiInAName", five("X\xc3\xa9: a\r\n"), 400, "header-line"),
    refused("UnderscoreInAName", five("Content_Length: 100\r\n"), 400, "header-name"),
    served("UnderscoreInAValue", five("X: a_b\r\n")),
    served("HeadOf16KiB", head_of(16 * 1024)),
    refused("HeadOfOneByteMore", head_of(16 * 1024 + 1), 431, "head-too-large"),
    refused("HeadOfAMegabyte", head_of(1024 * 1024), 431, "head-too-large"),
    served("AHundredHeaders", with_headers(100)),
    refused("OneHeaderMore", with_headers(101), 431, "too-many-headers"),
    refused("RepeatedContentType", five("Content-Type: a/b\r\nContent-Type: a/b\r\n"), 400,
            "repeated-header"),
    refused("RepeatedDeliveryId", five("Webhook-Id: 1\r\nWebhook-Id: 1\r\n"), 400,
            "repeated-header"),
    refused("RepeatedHubSecret", to(kGuarded, kRight + kRight), 403, "repeated-credential"),
    refused("RepeatedAuthorization", five("Authorization: a\r\nAuthorization: a\r\n"), 403,
            "repeated-credential"),
    served("RepeatedOtherHeader", five("Accept: a/b\r\nAccept: c/d\r\n")),

    // Host.
    refused("HostMissing", line("POST", "/webhooks/r02_text") + "Content-Length: 0\r\n\r\n", 400,
            "host"),
    refused("HostTwice", five("Host: localhost\r\n"), 400, "host"),
    refused("HostWithASpace", line("GET", "/") + "Host: a b\r\n\r\n", 400, "host"),
    refused("HostWithAUser", line("GET", "/") + "Host: u@h/..\r\n\r\n", 400, "host"),
    refused("HostEmpty", line("GET", "/") + "Host:\r\n\r\n", 400, "host"),
    refused("HostWithTooLargeAPort", line("GET", "/") + "Host: a:65536\r\n\r\n", 400, "host"),
    served("HostWithTheLargestPort",
           line("POST", "/webhooks/r02_text") + "Host: a:65535\r\nContent-Length: 0\r\n\r\n"),
    served("HostAsAnIpv6Address",
           line("POST", "/webhooks/r02_text") + "Host: [::1]:7860\r\nContent-Length: 0\r\n\r\n"),
    last("HostMissingOnHttp10", line("POST", "/webhooks/r02_text", "HTTP/1.0") + "\r\n"),
    served("AbsoluteFormOfOurselves", to("http://localhost/webhooks/r02_text")),
    served("AbsoluteFormBeatsTheHost", to("http://elsewhere/webhooks/r02_text")),
    refused("AbsoluteFormWithAUser", to("http://u:p@localhost/webhooks/r02_text"), 400,
            "target-form"),
    refused("AbsoluteFormOfAnotherScheme", to("ftp://localhost/webhooks/r02_text"), 400,
            "target-form"),

    // Request line.
    refused("Connect", line("CONNECT", "localhost:80") + kHost + "\r\n", 501, "method"),
    refused("Trace", line("TRACE", "/webhooks/r02_text") + kHost + "X: echo\r\n\r\n", 501,
            "method"),
    refused("OptionsOfTheServer", line("OPTIONS", "*") + kHost + "\r\n", 400, "target-form"),
    turned_away("Head", line("HEAD", "/webhooks/r02_text") + kHost + "\r\n", 405,
                "method-not-allowed"),
    turned_away("HeadWithABody",
                line("HEAD", "/webhooks/r02_text") + kHost + "Content-Length: 5\r\n\r\nhello", 405,
                "method-not-allowed"),
    turned_away("Options", line("OPTIONS", "/webhooks/r02_text") + kHost + "\r\n", 405,
                "method-not-allowed"),
    turned_away("OptionsWithABody",
                line("OPTIONS", "/webhooks/r02_text") + kHost + "Content-Length: 5\r\n\r\nhello",
                405, "method-not-allowed"),
    turned_away("Get", get("/webhooks/r02_text"), 405, "method-not-allowed"),
    turned_away("GetWithABody",
                line("GET", "/webhooks/r02_text") + kHost +
                    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                405, "method-not-allowed"),
    turned_away("Put", line("PUT", "/webhooks/r02_text") + kHost + "Content-Length: 0\r\n\r\n", 405,
                "method-not-allowed"),
    turned_away("Delete", line("DELETE", "/webhooks/r02_text") + kHost + "\r\n", 405,
                "method-not-allowed"),
    turned_away("PostInLowerCase",
                line("post", "/webhooks/r02_text") + kHost + "Content-Length: 0\r\n\r\n", 405,
                "method-not-allowed"),
    refused("MethodOf33Letters", line(std::string(33, 'A'), "/webhooks/r02_text") + kHost + "\r\n",
            501, "method"),
    turned_away("MethodOf32Letters",
                line(std::string(32, 'A'), "/webhooks/r02_text") + kHost + "\r\n", 405,
                "method-not-allowed"),
    refused("MethodThatIsNoToken", line("PO(ST", "/webhooks/r02_text") + kHost + "\r\n", 400,
            "request-line"),
    refused("Http09", "GET /\r\n", 400, "request-line"),
    refused("Http111", line("GET", "/", "HTTP/1.11") + kHost + "\r\n", 400, "request-line"),
    refused("Http12", line("GET", "/", "HTTP/1.2") + kHost + "\r\n", 505, "http-version"),
    refused("Http20", line("GET", "/", "HTTP/2.0") + kHost + "\r\n", 505, "http-version"),
    refused("Http99", line("GET", "/", "HTTP/9.9") + kHost + "\r\n", 505, "http-version"),
    refused("HttpInLowerCase", line("GET", "/", "http/1.1") + kHost + "\r\n", 400, "request-line"),
    refused("PrefaceOfHttp2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http-version"),
    refused("HelloOfTls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400, "request-line"),
    refused("TwoSpacesInTheRequestLine", "GET  / HTTP/1.1\r\n" + kHost + "\r\n", 400,
            "request-line"),
    refused("ATabInTheRequestLine", "GET\t/ HTTP/1.1\r\n" + kHost + "\r\n", 400, "request-line"),
    refused("ASpaceBehindTheRequestLine", "GET / HTTP/1.1 \r\n" + kHost + "\r\n", 400,
            "request-line"),
    served("TargetOf8KiB", with_target_of(8 * 1024)),
    refused("TargetOfOneByteMore", with_target_of(8 * 1024 + 1), 414, "target-too-long"),
    refused("TargetOf20KiB", with_target_of(20 * 1024), 414, "target-too-long"),
    refused("TargetOf1MiB", with_target_of(1024 * 1024), 414, "target-too-long"),
    refused("TargetWithAFragment", to("/webhooks/r02_text#x"), 400, "target-form"),
    refused("TargetWithoutASlash", to("webhooks/r02_text"), 400, "target-form"),
    refused("TargetBeyondAscii", to("/webhooks/r02_text\xc3\xa9"), 400, "target-form"),

    // What the sender wants beside the answer.
    served("UpgradeToH2c", five("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                "HTTP2-Settings: AAMAAABkAAQAAP__\r\n")),
    served("UpgradeToAWebSocket",
           five("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
    served("ExpectWithTheBodyAtOnce", five("Expect: 100-continue\r\n")),
    refused("ExpectSomethingElse", five("Expect: 200-ok\r\n"), 417, "expect"),
    last("ExpectOnHttp10", line("POST", "/webhooks/r02_text", "HTTP/1.0") +
                               "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"),
    last("ConnectionClose", five("Connection: close\r\n")),
    last("ConnectionCloseInAList", five("Connection: foo ,\t ClOsE, bar\r\n")),
    last("ConnectionCloseOnASecondLine", five("Connection: keep-alive\r\nConnection: close\r\n")),
    last("ConnectionCloseBeatsKeepAlive", five("Connection: close, keep-alive\r\n")),
    served("ConnectionClosed", five("Connection: closed\r\n")),
    last("Http10", line("POST", "/webhooks/r02_text", "HTTP/1.0") + "\r\n"),
    served("Http10KeptAlive",
           line("POST", "/webhooks/r02_text", "HTTP/1.0") + "Connection: keep-alive\r\n\r\n"),
    served("NoContent", to("/webhooks/ignores"), 204),

    // Bodies.
    refused("LengthOf10GiB", post("Content-Length: 10737418240\r\n"), 413, "body-too-large"),
    served("BodyOfTheLimit", post("Content-Length: 1000\r\n", std::string(1000, 'x'), kLimited)),
    refused("BodyOfOneByteMore", post("Content-Length: 1001\r\n", std::string(1001, 'x'), kLimited),
            413, "body-too-large"),
    served("ChunksOfTheLimit",
           chunked("3e7\r\n" + std::string(999, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n", "", kLimited)),
    refused("ChunksOfOneByteMore",
            chunked("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n", "", kLimited), 413,
            "body-too-large"),
    cut("PartOfABody", post("Content-Length: 10\r\n", "hello"), 400, "body-truncated"),
    cut("PartOfAChunk", chunked("a\r\nhello"), 400, "body-truncated"),
    cut("ChunksWithoutTheLast", chunked("5\r\nhello\r\n"), 400, "body-truncated"),
    cut("ChunksWithoutTheEndOfTheTrailers", chunked("5\r\nhello\r\n0\r\n"), 400, "body-truncated"),
    refused("ContentEncodingGzip", five("Content-Encoding: gzip\r\n"), 415, "content-encoding"),
    refused("ContentEncodingInAList", five("Content-Encoding: identity, gzip\r\n"), 415,
            "content-encoding"),
    served("ContentEncodingIdentity", five("Content-Encoding: identity\r\n")),
    turned_away("Utf16Body",
                post("Content-Type: application/json\r\nContent-Length: 6\r\n", "\xff\xfe{\0}\0"s,
                     "/webhooks/implicit"),
                422, "json-invalid"),
    turned_away("BodyThatIsNotUtf8",
                post("Content-Type: application/json\r\nContent-Length: 5\r\n", "[\"\xff\"]",
                     "/webhooks/implicit"),
                400, "json-unreadable"),
    turned_away("MultipartBody",
                post("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 7\r\n",
                     "--x--\r\n", "/webhooks/implicit"),
                422, "content-type-not-json"),
    turned_away("FormBody",
                post("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n",
                     "a=b", "/webhooks/implicit"),
                422, "content-type-not-json"),

    // Paths.
    served("PathDecodedOnce", to("/webhooks/%72%30%32%5ftext")),
    served("PathWithASlashBehind", to("/webhooks/r02_text/")),
    turned_away("PathDecodedTwice", to("/webhooks/%2572%3002_text"), 404, "route-unknown"),
    turned_away("PathInOtherCase", to("/webhooks/R02_text"), 404, "route-unknown"),
    turned_away("PathWithTwoSlashesInside", to("/webhooks//r02_text"), 404, "route-unknown"),
    turned_away("PathWithAParameterOfItsSegment", to("/webhooks/r02_text;x"), 404, "route-unknown"),
    turned_away("PathWithANul", to("/webhooks/r02_text%00"), 404, "route-unknown"),
    turned_away("PathWithDots", to("/webhooks/x/../r02_text"), 404, "route-unknown"),
    turned_away("PathWithDotsEncoded", to("/webhooks/x/%2e%2e/r02_text"), 404, "route-unknown"),
    turned_away("PathThatIsNotEncodedProperly", to("/webhooks/%zz"), 400, "path-encoding"),
    turned_away("PathThatEndsInsideAnEscape", to("/webhooks/r02_text%2"), 400, "path-encoding"),
    turned_away("PathWithAnOverlongDot", to("/webhooks/%c0%ae%c0%ae/r02_text"), 404,
                "route-unknown"),
    served("PathWithTwoSlashesInFront", to("//webhooks/r02_text"), 404),
    served("FileWithDots", get("/../../etc/passwd"), 404),
    served("FileWithDotsEncoded", get("/%2e%2e/%2e%2e/etc/passwd"), 404),
    served("FileWithDotsEncodedTwice", get("/%252e%252e/%252e%252e/etc/passwd"), 404),
    served("FileWithSlashesEncoded", get("/..%2f..%2fetc%2fpasswd"), 404),
    served("FileWithBackslashes", get("/..%5c..%5cetc%5cpasswd"), 404),
    served("FileWithOverlongDots", get("/%c0%ae%c0%ae/etc/passwd"), 404),
    served("FileBehindTwoSlashes", get("//etc/passwd"), 404),
    served("FileWithANul", get("/index.html%00.txt"), 404),
    served("HeaderInThePath", get("/%0d%0aSet-Cookie:%20a=b"), 404),
    served("MarkupInThePath", get("/<script>alert(1)</script>"), 404),
};

// ---- The test

const std::string kGood = to("/webhooks/r02_bool");  // answers `true`

// A host with one route that takes 1000 bytes and one with a secret.
std::unique_ptr<LiveHost> make_catalogue_host(const std::string& more = "") {
  static const test::TempDir folder;
  const auto secret = folder.write("secret", kSecret).string();
  const auto config = folder.write("hookhost.toml", more +
                                                        "[route.f04_request]\n"
                                                        "body_bytes_max = 1000\n"
                                                        "[route.r02_number]\n"
                                                        "secrets = [{ file = \"" +
                                                        secret + "\" }]\n");
  return std::make_unique<LiveHost>(
      std::vector<std::string>{"serve", "--plugins", plugin_folder("parity"), "--config", config});
}

class Catalogue : public SharedHost<Catalogue> {
 public:
  static std::unique_ptr<LiveHost> make_host() { return make_catalogue_host(); }
};

// How often the rule has turned somebody away.
std::uint64_t count_of(const LiveHost& host, std::string_view rule) {
  const std::string text = host.get_admin("/metrics").body;
  const std::string series = "hookhost_refusals_total{rule=\"" + std::string(rule) + "\"} ";
  const std::size_t at = text.find(series);
  return at == text.npos ? 0 : std::strtoull(text.c_str() + at + series.size(), nullptr, 10);
}

// A sender that asks and is slow with its body is told to go on; one of HTTP/1.0 never (RFC 9110
// 10.1.1).
bool asks_to_go_on(const Said& said) {
  return said.wire.find("Expect: 100-continue") != said.wire.npos &&
         said.wire.find("HTTP/1.1") != said.wire.npos;
}

// Holds against the row what comes back for it and for the good request behind it.
void expect_answers(RawClient& client, const Said& said, std::string_view good_body = "true") {
  auto answer = client.read_answer(said.wire.starts_with("HEAD"));
  if (answer && answer->status == 100 && asks_to_go_on(said)) answer = client.read_answer();

  ASSERT_TRUE(answer) << "no answer";
  EXPECT_EQ(answer->status, said.status) << answer->body;
  EXPECT_EQ(answer->header("Date").size(), 29U) << "RFC 9110 6.6.1";
  EXPECT_EQ(answer->header("Set-Cookie"), "");
  EXPECT_THAT(answer->body, Not(HasSubstr("root:")));
  EXPECT_THAT(answer->body, Not(HasSubstr("<script>alert")));
  if (said.status == 405) {
    EXPECT_THAT(answer->header("Allow"), Not(IsEmpty())) << "RFC 9110 15.5.6";
  }
  if (said.status == 204) {
    EXPECT_THAT(answer->head, Not(HasSubstr("Content-Length"))) << "RFC 9110 8.6";
  }
  const auto behind = said.then == Then::kEnds ? std::nullopt : client.read_answer();
  if (behind) {
    EXPECT_EQ(behind->body, good_body) << "what stands behind it was taken for something else";
  } else {
    EXPECT_NE(said.then, Then::kGoesOn) << "the good request behind it was not answered";
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_EQ(client.read_all(), "") << "one answer to one request, whatever stands behind it";
    EXPECT_FALSE(client.was_reset()) << "a reset overtakes the answer (RFC 9112 9.6)";
  }
}

TEST_F(Catalogue, IsAnsweredRowByRowOnceEachAndTheNextOneServed) {
  for (const Said& said : kTable) {
    SCOPED_TRACE(said.id);
    const std::uint64_t before = count_of(host(), said.rule);

    RawClient client(host().process().port());
    client.send(said.wire + (said.is_cut ? "" : kGood));
    if (said.is_cut) client.finish_sending();

    expect_answers(client, said);
    if (!said.rule.empty()) {
      EXPECT_EQ(count_of(host(), said.rule), before + 1) << said.rule;
    }
    EXPECT_EQ(host().post("/webhooks/r02_bool", "").body, "true");
  }
}

// The verdict does not depend on where the bytes are cut.
TEST_F(Catalogue, IsAnsweredTheSameByteByByte) {
  constexpr std::size_t kBytesMax = 2000;  // each is a system call
  for (const Said& said : kTable) {
    SCOPED_TRACE(said.id);
    RawClient client(host().process().port());
    client.send_bytewise(said.wire.substr(0, kBytesMax));
    client.send(said.wire.substr(std::min(said.wire.size(), kBytesMax)));
    if (said.is_cut) {
      client.finish_sending();
    } else {
      client.send_bytewise(kGood);
    }

    Said as_said = said;
    if (!said.rule.empty() && said.then == Then::kGoesOn) as_said.then = Then::kEither;
    expect_answers(client, as_said);
  }
}

// The log has room for 50 lines a second: one row of each rule, and a host for them alone.
TEST(CatalogueLog, NamesEachRuleInALine) {
  const auto host = make_catalogue_host();
  std::set<std::string> rules;
  for (const Said& said : kTable) {
    if (said.rule.empty() || !rules.insert(said.rule).second) continue;
    RawClient client(host->process().port());
    client.send(said.wire);
    client.finish_sending();
    client.read_all();
  }

  ASSERT_LT(rules.size(), 50U);
  for (const std::string& rule : rules)
    EXPECT_TRUE(host->process().wait_for_output("\"rule\":\"" + rule + '"')) << rule;
}

// ---- What takes more than one step

std::string expecting(std::string_view target, std::string_view lines = "") {
  return post("Expect: 100-continue\r\n" + std::string(lines) + "Content-Length: 5\r\n", "",
              target);
}

class CatalogueTalk : public SharedHost<CatalogueTalk> {
 public:
  static std::unique_ptr<LiveHost> make_host() { return make_catalogue_host(); }
};

TEST_F(CatalogueTalk, SaysContinueOnceTheHeadIsAcceptable) {
  RawClient client(host().process().port());
  client.send(expecting(kGuarded, kRight));

  const auto interim = client.read_answer();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->head, "HTTP/1.1 100 Continue\r\n\r\n");

  client.send("hello" + kGood);
  EXPECT_EQ(client.read_answer()->body, "42");
  EXPECT_EQ(client.read_answer()->body, "true");
}

TEST_F(CatalogueTalk, SaysWhyNotInsteadOfContinueAndReadsNoBody) {
  struct Row {
    std::string wire;
    int status;
  };
  const Row rows[] = {
      {expecting(kGuarded), 401},
      {expecting(kGuarded, "X-Webhook-Secret: wrong\r\n"), 403},
      {post("Expect: 100-continue\r\nContent-Length: 1001\r\n", "", kLimited), 413},
      {expecting("/webhooks/nowhere"), 404},
  };
  for (const Row& row : rows) {
    RawClient client(host().process().port());
    client.send(row.wire);
    EXPECT_EQ(client.read_answer()->status, row.status);
    client.send(kGood);  // where the body would be: never a request
    EXPECT_EQ(client.read_all(), "");
  }
}

TEST_F(CatalogueTalk, AnswersPipelinedRequestsInTheirOrder) {
  constexpr int kRequests = 40;  // more than one turn of a loop answers
  std::string wire;
  for (int i = 0; i < kRequests; ++i)
    wire += to(i % 2 == 0 ? "/webhooks/r02_text" : "/webhooks/r02_bool");
  RawClient client(host().process().port());
  client.send(wire);

  for (int i = 0; i < kRequests; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, i % 2 == 0 ? "\"hello\"" : "true") << i;
  }
}

TEST_F(CatalogueTalk, OutlivesResetsBeforeDuringAndBehindARequest) {
  for (const std::string& wire :
       {""s, line("POST", "/webhooks/r02_text"), post("Content-Length: 10\r\n", "hello"),
        chunked("5\r\nhe"), five(), to("/webhooks/r05_bytes")}) {
    RawClient client(host().process().port());
    client.send(wire);
    client.reset();
    EXPECT_EQ(host().post("/webhooks/r02_bool", "").body, "true");
  }
}

TEST_F(CatalogueTalk, DropsAHeadThatNobodyFinishes) {
  RawClient client(host().process().port());
  client.send(line("POST", "/webhooks/r02_text"));
  client.finish_sending();
  EXPECT_EQ(client.read_all(), "") << "nobody has asked anything";
}

// ---- The admin listener has the same door, and rules of its own behind it

std::string order(std::string_view lines) {
  return line("POST", "/api/v1/plugins/parity/rollback") + std::string(lines) +
         "Content-Length: 2\r\n\r\n{}";
}
const std::string kJsonType = "Content-Type: application/json\r\n";

const Said kAdminTable[] = {
    refused("Smuggling", order(kHost + "Transfer-Encoding: chunked\r\n"), 400, "framing"),
    refused("Trace", line("TRACE", "/metrics") + kHost + "\r\n", 501, "method"),
    served("ForeignName", line("GET", "/metrics") + "Host: evil.example:7861\r\n\r\n", 421),
    served("ForeignNameThatBeginsLikeOurs",
           line("GET", "/metrics") + "Host: localhost.evil.example\r\n\r\n", 421),
    served("ForeignNameAtTheHealthCheck", line("GET", "/healthz") + "Host: evil.example\r\n\r\n",
           421),
    served("FormOfAnotherPage", order(kHost + "Content-Type: text/plain\r\n"), 403),
    served("ScriptOfAnotherSite", order(kHost + kJsonType + "Sec-Fetch-Site: cross-site\r\n"), 403),
    served("ChangeByGet", line("GET", "/api/v1/plugins/parity/rollback") + kHost + "\r\n", 405),
    served("PostToAPage", line("POST", "/") + kHost + "Content-Length: 0\r\n\r\n", 405),
    served("OrderForNobody",
           line("POST", "/api/v1/plugins/%2e%2e%2fx/reload") + kHost + kJsonType +
               "Content-Length: 2\r\n\r\n{}",
           404),
    served(
        "DeployOfNothing",
        line("POST", "/api/v1/plugins/deploy") + kHost + kJsonType + "Content-Length: 2\r\n\r\n{}",
        422),
    served("FileWithDots", get("/../../etc/passwd"), 404),
};

TEST_F(CatalogueTalk, IsTheSameAtTheAdminListener) {
  for (const Said& said : kAdminTable) {
    SCOPED_TRACE(said.id);
    RawClient client(host().process().admin_port());
    client.send(said.wire + get("/healthz"));
    expect_answers(client, said, R"({"status":"ok"})");
  }
}

// ---- Time

class CatalogueDeadlines : public SharedHost<CatalogueDeadlines> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return make_catalogue_host(
        "[limits]\nhead_timeout = \"300ms\"\nbody_timeout = \"300ms\"\nidle_timeout = \"300ms\"\n"
        "write_timeout = \"300ms\"\n");
  }
};

TEST_F(CatalogueDeadlines, EndSilenceWithoutAWord) {
  RawClient silent(host().process().port());
  EXPECT_EQ(silent.read_all(), "");

  RawClient idle(host().process().port());
  idle.send(kGood);
  EXPECT_EQ(idle.read_answer()->body, "true");
  EXPECT_TRUE(idle.is_closed_by_peer());
}

TEST_F(CatalogueDeadlines, EndAHeadThatStops) {
  const std::uint64_t before = count_of(host(), "head-timeout");
  RawClient client(host().process().port());
  client.send(line("POST", "/webhooks/r02_text") + "Host: local");

  expect_answers(client, {.id = "", .wire = "", .status = 408, .then = Then::kEnds});
  EXPECT_EQ(count_of(host(), "head-timeout"), before + 1);
}

// A byte whenever the reader's patience is over: no single wait is long.
TEST_F(CatalogueDeadlines, EndAHeadThatTrickles) {
  RawClient client(host().process().port(), std::chrono::milliseconds(1));
  client.send(line("POST", "/webhooks/r02_text") + "Host: ");
  std::optional<RawAnswer> answer;
  while (!answer && client.send("a")) answer = client.read_answer();

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST_F(CatalogueDeadlines, EndABodyThatStops) {
  for (const std::string& wire : {post("Content-Length: 10\r\n", "hello"), chunked("a\r\nhello"),
                                  chunked("5\r\nhello\r\n0\r\nX: ")}) {
    const std::uint64_t before = count_of(host(), "body-timeout");
    RawClient client(host().process().port());
    client.send(wire);

    expect_answers(client, {.id = "", .wire = "", .status = 408, .then = Then::kEnds});
    EXPECT_EQ(count_of(host(), "body-timeout"), before + 1);
  }
}

// Many at once cost the others nothing but their place; bench/slow.py has the numbers.
TEST_F(CatalogueDeadlines, EndACrowdOfSlowStrangersWhileOthersAreServed) {
  constexpr int kSilent = 300, kTrickling = 100;
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (int i = 0; i < kSilent + kTrickling; ++i) {
    strangers.push_back(std::make_unique<RawClient>(host().process().port()));
    if (i >= kSilent) strangers.back()->send(line("POST", "/webhooks/r02_text") + "Host: ");
  }
  // A byte each for as long as one of them takes it, and a good request in between.
  bool is_one_alive = true;
  while (is_one_alive) {
    is_one_alive = false;
    for (int i = kSilent; i < kSilent + kTrickling; ++i)
      is_one_alive |= strangers[static_cast<std::size_t>(i)]->send("a");
    EXPECT_EQ(host().post("/webhooks/r02_bool", "").body, "true");
  }
  for (int i = 0; i < kSilent; ++i)
    EXPECT_EQ(strangers[static_cast<std::size_t>(i)]->read_all(), "") << i;
}

// A reader that takes nothing is dropped; what it asked for behind the first answers is not read.
TEST_F(CatalogueDeadlines, EndAReaderThatTakesNothing) {
  constexpr int kRequests = 200;  // of 300 kB each: more than any socket's buffers hold
  std::string wire;
  for (int i = 0; i < kRequests; ++i) wire += to("/webhooks/r05_bytes");
  RawClient client(host().process().port());
  client.send(kGood);  // once it is answered the connection counts as open
  EXPECT_EQ(client.read_answer()->body, "true");
  client.send(wire);
  const auto is_alone = [] {  // the one that asks
    return host().get_admin("/metrics").body.find("\nhookhost_connections_open 1\n") !=
           std::string::npos;
  };
  while (!is_alone()) {
  }

  EXPECT_LT(client.read_all().size(), kRequests * 300'000U);
  EXPECT_EQ(host().post("/webhooks/r02_bool", "").body, "true");
}

}  // namespace
}  // namespace hookhost::e2e
