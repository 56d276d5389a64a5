/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor: the least that a server on epoll does. One read, the end of the request found by its
 * Content-Length, one write of a constant. It checks nothing and has no deadlines, limits or Date.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kReadBytes = 64 * 1024, kEventsMax = 256, kFdsMax = 65536 };

static const char kAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\n\r\n"
    "{\"repo\":\"openai-community/gpt2\",\"scope\":\"discussion\"}";

static char buffer[kReadBytes];
static size_t still_expected[kFdsMax]; /* of a request that did not arrive in one read, by fd */

static int listen_on(int port) {
  const int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 4096) != 0) {
    perror("epoll_floor: listen");
    exit(1);
  }
  return fd;
}

/* How much of the request that begins the buffer has not arrived; the head fits one read. */
static size_t missing(size_t have) {
  const char* end = memmem(buffer, have, "\r\n\r\n", 4);
  const char* length = memmem(buffer, have, "Content-Length: ", 16);
  if (end == NULL) return 0;
  size_t whole = (size_t)(end - buffer) + 4;
  if (length != NULL && length < end) whole += strtoul(length + 16, NULL, 10);
  return whole > have ? whole - have : 0;
}

static void serve(int fd) {
  const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
  if (n <= 0) {
    close(fd);
    return;
  }
  size_t* expected = &still_expected[fd];
  if (*expected == 0) {
    *expected = missing((size_t)n);
  } else {
    *expected -= (size_t)n < *expected ? (size_t)n : *expected;
  }
  if (*expected == 0 && send(fd, kAnswer, sizeof kAnswer - 1, MSG_NOSIGNAL) < 0) close(fd);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  struct rlimit files = {0, 0};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max < kFdsMax ? files.rlim_max : kFdsMax;
  setrlimit(RLIMIT_NOFILE, &files);

  const int listener = listen_on(atoi(argv[1]));
  const int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  static struct epoll_event events[kEventsMax];
  for (;;) {
    const int count = epoll_wait(epoll, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd != listener) {
        serve(events[i].data.fd);
        continue;
      }
      const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (fd < 0) continue;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      still_expected[fd] = 0;
      event.data.fd = fd;
      epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
  }
}
