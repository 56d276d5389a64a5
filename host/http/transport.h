// SPDX-License-Identifier: Apache-2.0
//
// Transport: how the bytes of one connection reach its socket: as they are, or through TLS from
// begin_tls() on. Never blocks and does not wait; it says what for. The socket is its owner's and
// outlives it. One thread. Hot path of a plain connection: one branch and the system call.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "http/tls.h"

namespace hookhost::http {

class Transport {
 public:
  Transport() = default;
  ~Transport();  // says nothing to the peer
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // What a call comes to that has moved no byte.
  static constexpr long kEnd = 0;       // the peer sends nothing more
  static constexpr long kNothing = -1;  // now
  static constexpr long kBroken = -2;

  // Reads at most size bytes, which is more than 0.
  long read(int fd, char* to, std::size_t size) noexcept {
    return ssl_ == nullptr ? read_plain(fd, to, size) : read_tls(to, size);
  }

  // Takes some bytes off the front of the pieces, of which there is one at least. After kNothing
  // the next call brings the same ones, wherever they lie then.
  long write(int fd, std::span<const iovec> pieces) noexcept {
    return ssl_ == nullptr ? write_plain(fd, pieces) : write_tls(pieces);
  }

  // The next byte, which stays to be read: 1.
  long peek(int fd, char& byte) noexcept;

  // The last read has left something, or may have.
  bool has_more() const noexcept { return has_more_; }

  // Whether the next read waits for the socket to become writable instead of readable: TLS holds
  // input that no event will tell of, or has to send something first. A socket that can be written,
  // as it nearly always can, brings the next turn.
  bool reads_when_writable() const noexcept {
    return ssl_ != nullptr && (has_more_ || wants_ == Wants::kOutput);
  }
  // The reverse: TLS has to receive something before it writes.
  bool writes_when_readable() const noexcept { return wants_ == Wants::kInput; }

  // TLS.

  // False: out of memory. shake_hands() comes next, until it is through.
  bool begin_tls(PublishedTls::Reader& tls, int fd) noexcept;
  bool is_tls() const noexcept { return ssl_ != nullptr; }
  // 1: done. kBroken: take_handshake_failure() says why; the peer has been told.
  long shake_hands() noexcept;
  bool is_resumed() const noexcept;

  // Nothing more will be written, and the peer is told; what it still sends can be dropped.
  void end_output(int fd) noexcept;
  // The same, right before the socket is closed.
  void close() noexcept;

  // Reads what nobody looks at, as it is on the wire.
  long drop(int fd, std::span<char> scratch) noexcept {
    return read_plain(fd, scratch.data(), scratch.size());
  }

 private:
  // What the last call waits for; of TLS alone, where a write may need input and a read output.
  enum class Wants : std::uint8_t { kNothing, kInput, kOutput };

  long read_plain(int fd, char* to, std::size_t size) noexcept;
  static long write_plain(int fd, std::span<const iovec> pieces) noexcept;
  long read_tls(char* to, std::size_t size) noexcept;
  long write_tls(std::span<const iovec> pieces) noexcept;
  long judge(int result) noexcept;
  void say_end() noexcept;

  ssl_st* ssl_ = nullptr;
  bool has_more_ = false;
  Wants wants_ = Wants::kNothing;
  bool is_secure_ = false;  // hands were shaken, and nothing has broken since
};

}  // namespace hookhost::http
