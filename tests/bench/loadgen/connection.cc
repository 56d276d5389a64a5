// SPDX-License-Identifier: Apache-2.0
//
// Opens connections and moves their bytes, plain or through OpenSSL. Sessions are not resumed, and
// nobody is asked to prove who he is: the server's work is measured, not ours.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "loadgen/load.h"

namespace hookhost::bench {
namespace {

SSL_CTX* context() {
  static SSL_CTX* const context = [] {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return made;
  }();
  return context;
}

// As of send(2) and recv(2).
ssize_t outcome_of(SSL* tls, int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(tls, result);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  const bool is_waiting = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  errno = is_waiting ? EAGAIN : EPROTO;
  return -1;
}

}  // namespace

int connect_to(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

bool open_connection(const Options& options, Connection& connection) {
  connection.fd = connect_to(options);
  if (connection.fd < 0 || !options.tls) return connection.fd >= 0;
  connection.tls = SSL_new(context());
  SSL_set_fd(connection.tls, connection.fd);
  if (SSL_connect(connection.tls) == 1) return true;
  close_connection(connection);
  errno = EPROTO;
  return false;
}

ssize_t send_some(Connection& connection, std::string_view bytes) {
  if (connection.tls == nullptr)
    return ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ERR_clear_error();
  return outcome_of(connection.tls,
                    SSL_write(connection.tls, bytes.data(), static_cast<int>(bytes.size())));
}

// A buffer that holds a whole record leaves nothing in TLS of which epoll would not tell.
ssize_t receive_some(Connection& connection, char* to, std::size_t size) {
  if (connection.tls == nullptr) return ::recv(connection.fd, to, size, 0);
  ERR_clear_error();
  return outcome_of(connection.tls, SSL_read(connection.tls, to, static_cast<int>(size)));
}

void close_connection(Connection& connection) {
  SSL_free(std::exchange(connection.tls, nullptr));
  if (connection.fd >= 0) close(std::exchange(connection.fd, -1));
}

}  // namespace hookhost::bench
