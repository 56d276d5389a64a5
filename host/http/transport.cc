// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL over a non-blocking socket. Its own socket BIO writes without MSG_NOSIGNAL, and a room
// must not rely on what a process does with SIGPIPE, so there is a small one here.
#include "http/transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace hookhost::http {
namespace {

// Of plain text in one record (RFC 8446 5.1). A sender that has more to say fills its records.
constexpr std::size_t kRecordBytesMax = SSL3_RT_MAX_PLAIN_LENGTH;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

ssize_t receive(int fd, char* to, std::size_t size, int flags) noexcept {
  for (;;) {
    const ssize_t got = ::recv(fd, to, size, MSG_DONTWAIT | flags);
    if (got >= 0 || errno != EINTR) return got;
  }
}

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_read(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = receive(fd_of(bio), to, static_cast<std::size_t>(size), 0);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  for (;;) {
    const ssize_t sent =
        ::send(fd_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && would_block()) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }
}

long bio_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default: return 0;
  }
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = ::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    HOOKHOST_CHECK(made != nullptr);
    ::BIO_meth_set_read(made, bio_read);
    ::BIO_meth_set_write(made, bio_write);
    ::BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

Transport::~Transport() { ::SSL_free(ssl_); }

long Transport::read_plain(int fd, char* to, std::size_t size) noexcept {
  const ssize_t got = receive(fd, to, size, 0);
  has_more_ = got == static_cast<ssize_t>(size);
  if (got >= 0) return got;
  return would_block() ? kNothing : kBroken;
}

long Transport::write_plain(int fd, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t taken = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken >= 0) return taken;
    if (would_block()) return kNothing;
    if (errno != EINTR) return kBroken;
  }
}

long Transport::peek(int fd, char& byte) noexcept {
  if (ssl_ == nullptr) {
    const ssize_t got = receive(fd, &byte, 1, MSG_PEEK);
    if (got >= 0) return got;
    return would_block() ? kNothing : kBroken;
  }
  ::ERR_clear_error();
  const long result = judge(::SSL_peek(ssl_, &byte, 1));
  has_more_ = result == 1;
  return result;
}

bool Transport::begin_tls(PublishedTls::Reader& tls, int fd) noexcept {
  BIO* socket = ::BIO_new(socket_method());
  if (socket == nullptr) return false;
  ::BIO_set_data(socket, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  ::BIO_set_init(socket, 1);
  ssl_ = tls.open();
  if (ssl_ == nullptr) return ::BIO_free(socket), false;
  ::SSL_set_bio(ssl_, socket, socket);
  return true;
}

long Transport::shake_hands() noexcept {
  ::ERR_clear_error();
  const long result = judge(::SSL_do_handshake(ssl_));
  if (result == kEnd) return kBroken;
  if (result == 1) {
    is_secure_ = true;
    // A request may have come in the same segment as the end of the handshake.
    has_more_ = ::SSL_has_pending(ssl_) == 1;
  }
  return result;
}

bool Transport::is_resumed() const noexcept { return ::SSL_session_reused(ssl_) == 1; }

// result: of an SSL function; more than 0 is success. Before each one the queue of errors is
// emptied, or it would be judged by what somebody else has left there.
long Transport::judge(int result) noexcept {
  wants_ = Wants::kNothing;
  if (result > 0) return result;
  switch (::SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: wants_ = Wants::kInput; return kNothing;
    case SSL_ERROR_WANT_WRITE: wants_ = Wants::kOutput; return kNothing;
    case SSL_ERROR_ZERO_RETURN: return kEnd;
    default: is_secure_ = false; return kBroken;
  }
}

// Takes as many records as are here and fit, since no event tells of those that TLS has already.
long Transport::read_tls(char* to, std::size_t size) noexcept {
  std::size_t filled = 0;
  for (;;) {
    std::size_t got = 0;
    ::ERR_clear_error();
    const long outcome = judge(::SSL_read_ex(ssl_, to + filled, size - filled, &got));
    if (outcome <= 0) {
      has_more_ = filled != 0 && outcome != kNothing;  // an end or a failure comes again next time
      return filled == 0 ? outcome : static_cast<long>(filled);
    }
    filled += got;
    has_more_ = ::SSL_has_pending(ssl_) == 1;
    if (filled == size || (!has_more_ && got < kRecordBytesMax)) return static_cast<long>(filled);
  }
}

long Transport::write_tls(std::span<const iovec> pieces) noexcept {
  // Gathered, so that a head and its body are one record and one system call; a copy is little
  // beside the cipher's work.
  char record[kRecordBytesMax];
  std::size_t filled = 0;
  for (const iovec& piece : pieces) {
    const std::size_t part = std::min(piece.iov_len, sizeof record - filled);
    std::memcpy(record + filled, piece.iov_base, part);
    filled += part;
  }
  std::size_t taken = 0;
  ::ERR_clear_error();
  const long outcome = judge(::SSL_write_ex(ssl_, record, filled, &taken));
  if (outcome == kEnd) return kBroken;
  return outcome > 0 ? static_cast<long>(taken) : outcome;
}

void Transport::end_output(int fd) noexcept {
  say_end();
  ::shutdown(fd, SHUT_WR);
}

void Transport::close() noexcept {
  say_end();
  ::SSL_free(std::exchange(ssl_, nullptr));
}

// close_notify, if there is room for it: it is worth no waiting.
void Transport::say_end() noexcept {
  if (!std::exchange(is_secure_, false)) return;
  ::SSL_shutdown(ssl_);
  ::ERR_clear_error();
}

}  // namespace hookhost::http
