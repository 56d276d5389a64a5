// SPDX-License-Identifier: Apache-2.0
//
// Every limit of the door: what one stranger may cost. Limits are what an operator or a test may
// change; the constants below them are ours. The edge belongs to the good side: a head of exactly
// head_bytes_max is served.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hookhost::http {

struct Limits {
  // Open connections of all loops together. When it is reached the connection that has been idle
  // longest makes room; without an idle one, newcomers wait in the kernel's backlog.
  std::size_t connections_max = 20'000;

  // Open connections of one address, or of one IPv6 /64; 0: no limit. One in twenty of all, so that
  // a stranger cannot have them all: many times what a sender keeps, and more than a proxy in front
  // that nobody named in trusted_proxies, whose connections are not counted. 503 and the end,
  // before a byte is read; on a port that speaks TLS the end alone.
  std::size_t connections_per_address_max = 1'000;

  // What bodies and blocks of all requests hold together, until the handler has let go of them. A
  // body that would grow beyond it is refused; what fits its block goes on. Blocks themselves are
  // never refused, so the ceiling of memory is the larger one of this and two blocks for each of
  // connections_max. Not counted: what handlers allocate, and the index of a body's JSON. Twenty of
  // the largest bodies, and half of the smallest machine that is for rent. 503.
  std::size_t memory_bytes_max = 512 * 1024 * 1024;

  // Request line and headers with their line ends. Senders stay below 4 KiB; cookies and proxies
  // are why it is four times that. 431.
  std::size_t head_bytes_max = 16 * 1024;

  // The target of the request line; nginx and Apache draw the line at 8 KiB as well. 414.
  std::size_t target_bytes_max = 8 * 1024;

  // From the first byte of a TLS handshake to its end: three round trips of a bad mobile link, with
  // a lost segment in each. Until that byte the connection is idle.
  std::chrono::milliseconds handshake_timeout{10'000};

  // From the first byte of a head to its last, however the bytes trickle (slowloris). 408.
  std::chrono::milliseconds head_timeout{10'000};

  // For a body, and for an answer to be taken: this, plus the time that the bytes so far need at
  // the lowest rate. What was announced counts for nothing, so a lie buys no time. 408; a reader
  // that is slower, or that takes nothing for write_timeout, is dropped.
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::uint64_t bytes_per_second_min = 16 * 1024;  // a bad mobile link

  // Between two requests. 75 s is nginx's; proxies in front keep theirs for 60 s.
  std::chrono::milliseconds idle_timeout{75'000};

  // After an answer that ends the connection we read and drop what still comes, or the peer would
  // see a reset and lose the answer (RFC 9112 9.6).
  std::chrono::milliseconds linger_timeout{1'000};
  std::size_t linger_bytes_max = 64 * 1024;

  // How often each loop looks at the deadlines above: they are kept to within one tick.
  std::chrono::milliseconds tick{250};
};

// One block holds a head and a small body, one holds an arena. A Hub event of 24 KB with its head
// fits, so it takes one read and is never copied.
inline constexpr std::size_t kBlockBytes = 32 * 1024;

// A body that found the memory full finds others gone after so long.
inline constexpr int kMemoryFullRetryAfterS = 1;

// Readable behind every body: SIMDJSON_PADDING of the parser.
inline constexpr std::size_t kPaddingBytes = 64;

// Blocks that a loop keeps for the next requests: 8 MiB at most. More are given back.
inline constexpr std::size_t kPooledBlocksMax = 256;

// Headers of one request (nginx: no limit; Apache: 100). 431.
inline constexpr std::size_t kHeadersMax = 100;

// Twice the longest registered method, UPDATEREDIRECTREF. 501.
inline constexpr std::size_t kMethodBytesMax = 32;

// Chunk extensions of one body together: nobody uses them (RFC 9112 7.1.1 asks for a limit). 400.
inline constexpr std::size_t kChunkExtensionBytesMax = 1024;

// Trailers of one body together. They are dropped. 431.
inline constexpr std::size_t kTrailerBytesMax = 4 * 1024;

// The first buffer of a body that does not fit behind its head; from there it doubles as bytes
// arrive.
inline constexpr std::size_t kBodyBytesFirst = 64 * 1024;

// One read of a large body: large enough to make the calls few, small enough that other
// connections get their turn.
inline constexpr std::size_t kReadBytesMax = 256 * 1024;

// Answers that one connection gets in one turn of the loop before the others have theirs.
inline constexpr unsigned kAnswersPerTurnMax = 32;

}  // namespace hookhost::http
