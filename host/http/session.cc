// SPDX-License-Identifier: Apache-2.0
//
// The phases of a connection, in the order in which a request meets them. Every function either
// goes on or has arranged for the next call; none of them waits.
#include "http/session.h"

#include <fmt/format.h>
#include <sys/uio.h>

#include <array>
#include <cstring>
#include <new>

namespace hookhost::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Pieces of an answer for one call; a head and the chunks of most answers fit.
constexpr std::size_t kPiecesMax = 16;

// Reads of one body in one turn of the loop.
constexpr int kReadsPerTurnMax = 8;

}  // namespace

Session::Session(EventLoop& loop, Receiver& receiver, PublishedTls::Reader* tls,
                 const ClientAddress& peer, AddressPlaces::Place place)
    : Watch(loop.poller()), loop_(loop), receiver_(receiver), tls_(tls), place_(std::move(place)) {
  address_bytes_ = static_cast<std::uint8_t>(print_address(peer, address_).size());
}

void Session::open(EventLoop& loop, Receiver& receiver, PublishedTls::Reader* tls, UniqueFd fd,
                   const ClientAddress& peer, AddressPlaces::Place place) {
  auto* session = new Session(loop, receiver, tls, peer, std::move(place));
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
      case Phase::kHandshake:
        if (!is_overdue(now)) return;
        loop_.count_refusal(Rule::kTlsTimeout);
        return close();
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
        if (const long got = transport_.peek(fd(), byte);
            got == Transport::kEnd || got == Transport::kBroken) {
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
  return transport_.peek(fd(), byte) > 0;
}

void Session::wait_for_input() noexcept {
  if (transport_.reads_when_writable()) return wait_writable();
  wait_readable();
}

void Session::wait_for_output() noexcept {
  if (transport_.writes_when_readable()) return wait_readable();
  wait_writable();
}

void Session::take_input() {
  switch (phase_) {
    case Phase::kIdle:
      if (tls_ != nullptr && !transport_.is_tls()) return begin_handshake();
      return read_head();
    case Phase::kHandshake: return shake_hands();
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

// The first byte of a connection that should speak TLS. Before it comes a silent connection is idle
// like any other, and costs as little.
void Session::begin_handshake() {
  phase_started_ = loop_.now();
  deadline_ = phase_started_ + loop_.limits().handshake_timeout;
  phase_ = Phase::kHandshake;
  move_to(loop_.busy());
  constexpr char kHandshakeRecord = 22;  // RFC 8446 5.1
  char first;
  const long got = transport_.peek(fd(), first);
  if (got == Transport::kNothing) return rest();
  if (got <= 0) return close();
  // Whoever speaks plain HTTP is told so in plain HTTP.
  if (first != kHandshakeRecord) return refuse(Rule::kNotTls);
  if (!transport_.begin_tls(*tls_, fd())) throw std::bad_alloc();
  shake_hands();
}

void Session::shake_hands() {
  const long outcome = transport_.shake_hands();
  if (outcome == Transport::kNothing) return wait_for_input();
  if (outcome == Transport::kBroken) return give_up_handshake();
  loop_.counters().handshakes.add();
  if (transport_.is_resumed()) loop_.counters().resumptions.add();
  // While the loop drains nobody rests: the request is on its way, and is waited for no longer than
  // the rest of a head.
  if (loop_.is_draining()) {
    begin_head();
  } else {
    phase_ = Phase::kIdle;
  }
  read_head();
}

void Session::give_up_handshake() {
  const HandshakeFailure failure = take_handshake_failure();
  loop_.count_refusal(failure.rule);
  if (tls_->may_log(loop_.now()))
    loop_.log(fmt::format("TLS handshake with {} failed: {}: {}",
                          std::string_view(address_, address_bytes_), refusal(failure.rule).rule,
                          failure.detail));
  linger();
}

void Session::begin_head() {
  phase_started_ = loop_.now();
  deadline_ = phase_started_ + loop_.limits().head_timeout;
  phase_ = Phase::kHead;
  move_to(loop_.busy());
}

void Session::read_head() {
  if (block_ == nullptr) block_ = loop_.blocks().take();
  if (filled_ == kBlockBytes) return;  // whole heads are left from the turn before
  const long got = receive(block_ + filled_, kBlockBytes - filled_);
  if (got == Transport::kNothing) {
    if (phase_ == Phase::kIdle) rest();
    return;
  }
  // Requests that came before the end are answered.
  if (got == 0 && filled_ != 0) {
    peer_closed_ = true;
    return;
  }
  if (got <= 0) return close();
  if (phase_ == Phase::kIdle) begin_head();
  filled_ += static_cast<std::uint32_t>(got);
}

bool Session::take_head() {
  switch (scanner_.scan({block_, filled_}, loop_.limits())) {
    case HeadScanner::State::kMore:
      if (peer_closed_) return close(), false;
      wait_for_input();
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
  const iovec word{const_cast<char*>(kContinue.data()), kContinue.size()};
  if (exchange.framing().expects_continue && exchange.reader().bytes() == 0 &&
      transport_.write(fd(), {&word, 1}) != static_cast<long>(kContinue.size())) {
    is_broken_ = true;  // the socket is empty before an answer: it takes 25 bytes or is gone
    return exchange.reader().refuse(Rule::kBodyTruncated);
  }
  if (transport_.has_more()) read_body();
}

// Reads what is there of the body; resumes the task when that was all. Called by it, too, before it
// waits.
void Session::read_body() {
  BodyReader& reader = exchange_->reader();
  BodyReader::State state = reader.state();
  for (int i = 0; state == BodyReader::State::kMore && i < kReadsPerTurnMax; ++i) {
    const auto space = reader.space();
    if (space.empty()) {
      state = reader.state();
      break;
    }
    const long got = receive(space.data(), space.size());
    if (got == Transport::kNothing) break;
    if (got <= 0) {
      peer_closed_ = true;
      is_broken_ = got == Transport::kBroken;
      reader.refuse(Rule::kBodyTruncated);
    } else {
      reader.received(static_cast<std::size_t>(got));
    }
    state = reader.state();
    if (!transport_.has_more()) break;
  }
  if (!exchange_->waits_for_body()) return;
  if (state == BodyReader::State::kMore) return wait_for_input();
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
    const std::size_t count = exchange_->writer().gather(pieces);
    if (count == 0) break;
    const long taken = transport_.write(fd(), std::span(pieces).first(count));
    if (taken == Transport::kNothing) return wait_for_output(), false;
    if (taken < 0) return close(), false;
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
  begin_head();
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
  wait_for_input();
}

// The answer, or the alert, was the last one. Closing with unread input would make the kernel send
// a reset, which overtakes the answer (RFC 9112 9.6): the peer is told that we are done and what it
// still sends is dropped.
void Session::linger() {
  if (exchange_ != nullptr) exchange_->detach(true);
  exchange_ = nullptr;
  block_ = nullptr;
  if (peer_closed_) return close();
  transport_.end_output(fd());
  phase_ = Phase::kLingering;
  deadline_ = loop_.now() + loop_.limits().linger_timeout;
  phase_bytes_ = 0;
  wait_readable();
}

void Session::drop_input() noexcept {
  char dropped[4096];
  for (;;) {
    const long got = transport_.drop(fd(), dropped);
    if (got == Transport::kNothing) return wait_readable();
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
  transport_.close();
  Watch::close();
  loop_.session_closed();
}

}  // namespace hookhost::http
