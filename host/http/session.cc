// SPDX-License-Identifier: Apache-2.0
//
// The phases of a connection, in the order in which a request meets them. Every function either
// goes on or has arranged for the next call; none of them waits.
#include "http/session.h"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace hookhost::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Pieces of an answer for one call; a head and the chunks of most answers fit.
constexpr std::size_t kPiecesMax = 16;

// Reads of one body in one turn of the loop.
constexpr int kReadsPerTurnMax = 8;

}  // namespace

Session::Session(EventLoop& loop, Receiver& receiver, const sockaddr_storage& peer)
    : Watch(loop.poller()), loop_(loop), receiver_(receiver) {
  address_bytes_ = static_cast<std::uint8_t>(print_address(peer, address_).size());
}

void Session::open(EventLoop& loop, Receiver& receiver, UniqueFd fd, const sockaddr_storage& peer) {
  auto* session = new Session(loop, receiver, peer);
  loop.counters().accepted.add();
  session->enter([&] {
    if (!session->attach(std::move(fd))) return session->close();
    session->rest();
  });
}

// Every way into a session leads through here: what it throws (out of memory where nobody waits for
// an answer) ends the connection, and a closed session goes. No way in leads through another one.
template <class Step>
void Session::enter(Step step) noexcept {
  try {
    step();
  } catch (...) {
    close();
  }
  if (phase_ == Phase::kClosed) delete this;
}

void Session::ready() noexcept {
  enter([this] {
    take_input();
    run();
  });
}

void Session::answer_is_ready() noexcept {
  enter([this] { run(); });
}

void Session::evict() noexcept {
  enter([this] { close(); });
}

void Session::tick(MonotonicTime now) noexcept {
  enter([&] {
    switch (phase_) {
      case Phase::kHead:
        if (!is_overdue(now)) return;
        if (!scanner_.has_started()) return close();
        refuse(Rule::kHeadTimeout);
        return run();
      case Phase::kHandling:
        if (exchange_->waits_for_body()) {
          if (!is_too_slow(now, loop_.limits().body_timeout, exchange_->reader().bytes())) return;
          exchange_->reader().refuse(Rule::kBodyTimeout);
          exchange_->resume();
          return run();
        }
        if (!exchange_->is_watched() || peer_closed_) return;
        char byte;
        if (const ssize_t size = ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
            size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
          peer_closed_ = true;
          exchange_->peer_gone();
        }
        return;
      case Phase::kWriting:
        if (is_overdue(now) || is_too_slow(now, loop_.limits().write_timeout, phase_bytes_))
          close();
        return;
      default:
        if (is_overdue(now)) close();
    }
  });
}

// Of a phase that earns time with every byte.
bool Session::is_too_slow(MonotonicTime now, std::chrono::milliseconds timeout,
                          std::uint64_t bytes) const noexcept {
  const std::chrono::milliseconds earned(bytes * 1000 / loop_.limits().bytes_per_second_min);
  return now >= phase_started_ + timeout + earned;
}

bool Session::has_input() noexcept {
  char byte;
  return ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

long Session::receive(char* to, std::size_t size) noexcept {
  for (;;) {
    const ssize_t got = ::recv(fd(), to, size, MSG_DONTWAIT);
    read_was_full_ = got == static_cast<ssize_t>(size);
    if (got >= 0) return got;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return kNothing;
    if (errno != EINTR) return kBroken;
  }
}

void Session::take_input() {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kHead: return read_head();
    case Phase::kHandling:
      if (exchange_->waits_for_body()) read_body();
      return;
    case Phase::kLingering: return drop_input();
    case Phase::kWriting:
    case Phase::kClosed: return;
  }
}

// Goes as far as it can without waiting. Whoever gives false has arranged for the next call.
void Session::run() {
  unsigned answers = 0;
  for (bool goes_on = true; goes_on;) {
    switch (phase_) {
      case Phase::kHead:
        if (++answers > kAnswersPerTurnMax) return wait_writable();  // the others have their turn
        goes_on = take_head();
        break;
      case Phase::kHandling: goes_on = take_answer(); break;
      case Phase::kWriting: goes_on = write(); break;
      default: return;
    }
  }
}

void Session::read_head() {
  if (block_ == nullptr) block_ = loop_.blocks().take();
  if (filled_ == kBlockBytes) return;  // whole heads are left from the turn before
  const long got = receive(block_ + filled_, kBlockBytes - filled_);
  if (got == kNothing) {
    if (phase_ == Phase::kIdle) rest();
    return;
  }
  // Requests that came before the end are answered.
  if (got == 0 && filled_ != 0) {
    peer_closed_ = true;
    return;
  }
  if (got <= 0) return close();
  if (phase_ == Phase::kIdle) {
    phase_started_ = loop_.now();
    deadline_ = phase_started_ + loop_.limits().head_timeout;
    phase_ = Phase::kHead;
    move_to(loop_.busy());
  }
  filled_ += static_cast<std::uint32_t>(got);
}

bool Session::take_head() {
  switch (scanner_.scan({block_, filled_}, loop_.limits())) {
    case HeadScanner::State::kMore:
      if (peer_closed_) return close(), false;
      wait_readable();
      return false;
    case HeadScanner::State::kRefused: refuse(scanner_.rule()); return true;
    case HeadScanner::State::kWhole: break;
  }
  exchange_ = OpenExchange::create(*this, loop_, block_);
  const Rule rule = exchange_->read_head({block_, filled_}, scanner_.begin(), scanner_.end(),
                                         {address_, address_bytes_}, phase_started_);
  if (rule != Rule::kAccepted) {
    refuse(rule);
    return true;
  }
  loop_.counters().requests.add();
  phase_ = Phase::kHandling;
  exchange_->start(receiver_);
  return true;
}

void Session::begin_body(OpenExchange& exchange) {
  phase_started_ = loop_.now();
  // A sender that has begun to send does not wait for the word (RFC 9110 10.1.1).
  if (exchange.framing().expects_continue && exchange.reader().bytes() == 0 &&
      ::send(fd(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
          static_cast<ssize_t>(kContinue.size())) {
    is_broken_ = true;  // the socket is empty before an answer: it takes 25 bytes or is gone
    return exchange.reader().refuse(Rule::kBodyTruncated);
  }
  if (read_was_full_) read_body();
}

// Reads what is there of the body; resumes the task when that was all. Called by it, too, before it
// waits.
void Session::read_body() {
  BodyReader& reader = exchange_->reader();
  BodyReader::State state = reader.state();
  for (int i = 0; state == BodyReader::State::kMore && i < kReadsPerTurnMax; ++i) {
    const auto space = reader.space();
    const long got = receive(space.data(), space.size());
    if (got == kNothing) break;
    if (got <= 0) {
      peer_closed_ = true;
      is_broken_ = got == kBroken;
      reader.refuse(Rule::kBodyTruncated);
    } else {
      reader.received(static_cast<std::size_t>(got));
    }
    state = reader.state();
    if (!read_was_full_) break;
  }
  if (!exchange_->waits_for_body()) return;
  if (state == BodyReader::State::kMore) return wait_readable();
  exchange_->resume();
}

bool Session::take_answer() {
  if (!exchange_->is_done()) return false;
  send(exchange_->take_response());
  return true;
}

void Session::refuse(Rule rule) {
  if (exchange_ == nullptr) exchange_ = OpenExchange::create(*this, loop_, block_);
  loop_.tell_refused_head(rule, exchange_->head(), phase_started_);
  send(exchange_->refuse(rule));
}

void Session::send(const Response& response) {
  const MonotonicTime now = loop_.now();
  const bool is_head = exchange_->head().method == "HEAD";
  ends_after_answer_ = response.close || !exchange_->framing().keep_alive || exchange_->is_held() ||
                       loop_.is_draining() || !exchange_->reader().skip();
  const HeadOptions options{.date = loop_.date_line(now),
                            .version = exchange_->version(),
                            .keep_alive = !ends_after_answer_};
  exchange_->writer().begin(write_head(response, options, exchange_->arena()), response,
                            !is_head && may_have_body(response.status));
  phase_started_ = now;
  deadline_ = now + loop_.limits().write_timeout;
  phase_bytes_ = 0;
  phase_ = Phase::kWriting;
}

bool Session::write() {
  if (is_broken_) return close(), false;
  for (;;) {
    std::array<iovec, kPiecesMax> pieces;
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = exchange_->writer().gather(pieces);
    if (message.msg_iovlen == 0) break;
    const ssize_t taken = ::sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable(), false;
      return close(), false;
    }
    exchange_->writer().advance(static_cast<std::size_t>(taken));
    if (exchange_->writer().is_done()) break;
    phase_bytes_ += static_cast<std::size_t>(taken);
    deadline_ = loop_.now() + loop_.limits().write_timeout;
  }
  loop_.counters().answers.add();
  return next_request();
}

// After an answer. True: there is something to go on with.
bool Session::next_request() {
  if (ends_after_answer_ || exchange_->is_held()) return linger(), false;
  const auto rest_of_input = exchange_->reader().rest();
  filled_ = static_cast<std::uint32_t>(rest_of_input.size());
  if (filled_ != 0) std::memmove(block_, rest_of_input.data(), filled_);
  exchange_->detach(false);
  exchange_ = nullptr;
  scanner_.reset();
  if (filled_ == 0) return rest(), false;
  phase_started_ = loop_.now();
  deadline_ = phase_started_ + loop_.limits().head_timeout;
  phase_ = Phase::kHead;
  return true;
}

// Idle, without a buffer, until the peer sends or the time is over.
void Session::rest() {
  if (peer_closed_) return close();
  loop_.blocks().give_back(block_);
  block_ = nullptr;
  phase_ = Phase::kIdle;
  deadline_ = loop_.now() + loop_.limits().idle_timeout;
  move_to(loop_.idle());
  wait_readable();
}

// The answer was the last one. Closing with unread input would make the kernel send a reset, which
// overtakes the answer (RFC 9112 9.6): the peer is told that we are done and what it still sends is
// dropped.
void Session::linger() {
  exchange_->detach(true);
  exchange_ = nullptr;
  block_ = nullptr;
  if (peer_closed_) return close();
  ::shutdown(fd(), SHUT_WR);
  phase_ = Phase::kLingering;
  deadline_ = loop_.now() + loop_.limits().linger_timeout;
  phase_bytes_ = 0;
  wait_readable();
}

void Session::drop_input() noexcept {
  char dropped[4096];
  for (;;) {
    const long got = receive(dropped, sizeof dropped);
    if (got == kNothing) return wait_readable();
    if (got <= 0) return close();
    phase_bytes_ += static_cast<std::size_t>(got);
    if (phase_bytes_ > loop_.limits().linger_bytes_max) return close();
  }
}

void Session::close() noexcept {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  unlink();
  if (exchange_ != nullptr) {
    exchange_->detach(true);
  } else {
    loop_.blocks().give_back(block_);
  }
  exchange_ = nullptr;
  block_ = nullptr;
  Watch::close();
  loop_.session_closed();
}

}  // namespace hookhost::http
