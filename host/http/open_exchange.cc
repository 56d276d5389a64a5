// SPDX-License-Identifier: Apache-2.0
//
// The life of an exchange between its session, the receiver's task and whoever holds its memory.
#include "http/open_exchange.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "base/check.h"
#include "http/client_address.h"
#include "http/head_parser.h"
#include "http/session.h"

namespace hookhost::http {

OpenExchange* OpenExchange::create(Session& session, EventLoop& loop, char* head_block) {
  static_assert(sizeof(OpenExchange) <= kBlockBytes / 8, "most of the block is the arena");
  char* block = loop.blocks().take();
  auto* rest = reinterpret_cast<std::byte*>(block + sizeof(OpenExchange));
  return new (block)
      OpenExchange(session, loop, head_block, {rest, kBlockBytes - sizeof(OpenExchange)});
}

Rule OpenExchange::read_head(std::span<char> input, std::size_t head_begin, std::size_t head_end,
                             std::string_view peer_address, MonotonicTime received_at) {
  const auto headers = arena_.allocate_array<Header>(kHeadersMax);
  const auto raw = parse_head({input.data() + head_begin, head_end - head_begin}, headers);
  if (!raw) return raw.error();
  arena_.shrink(headers.data(), headers.size_bytes(), raw->headers.size_bytes());
  // What a refusal is answered by (that of HEAD has no body either) and what its line shows; an
  // absolute-form may hold a password before its host.
  head_.method = raw->method;
  if (raw->target.starts_with('/')) head_.path = raw->target.substr(0, raw->target.find('?'));
  const auto framing = judge_head(*raw, loop_.limits());
  if (!framing) return framing.error();

  framing_ = *framing;
  version_ = raw->version;
  head_.target = origin_form(raw->target, arena_);
  head_.path = head_.target.substr(0, head_.target.find('?'));
  if (head_.path.size() < head_.target.size())
    head_.query = head_.target.substr(head_.path.size() + 1);
  head_.headers = raw->headers;
  head_.remote_address = client_of(peer_address);
  head_.received_at = received_at;
  reader_.prepare(framing_, input.subspan(head_end), input.data() + kBlockBytes);
  return Rule::kAccepted;
}

// The peer's own address, unless it is a proxy that says more.
std::string_view OpenExchange::client_of(std::string_view peer_address) {
  const IpRanges& trusted = loop_.trusted_proxies();
  if (trusted.empty()) return peer_address;
  const auto peer = parse_client_address(peer_address);
  HOOKHOST_CHECK(peer.has_value());
  const auto client = forwarded_client(peer->ip, head_.headers, trusted);
  if (!client) return peer_address;
  char text[kAddressBytesMax];
  return arena_.copy(print_address(*client, text));
}

void OpenExchange::start(Receiver& receiver) noexcept {
  is_inside_ = true;
  try {
    task_ = receiver.receive(*this);
    task_.start(&task_ended, this);
  } catch (const std::bad_alloc&) {  // of the coroutine's frame
    refuse(Rule::kOutOfMemory);
    is_done_ = true;
  } catch (...) {
    refuse(Rule::kException);
    is_done_ = true;
  }
  is_inside_ = false;
}

void OpenExchange::resume() noexcept {
  is_inside_ = true;
  std::exchange(waiting_, nullptr).resume();
  is_inside_ = false;
}

void OpenExchange::task_ended(void* self) noexcept {
  auto& exchange = *static_cast<OpenExchange*>(self);
  exchange.is_done_ = true;
  if (exchange.is_inside_) return;
  // The task stands at its end only after this call: the session hears of it later.
  exchange.is_finishing_ = true;
  exchange.loop_.post(exchange.finish_);
}

void OpenExchange::finish(Work& work) noexcept {
  OpenExchange& exchange = static_cast<FinishWork&>(work).of;
  exchange.is_finishing_ = false;
  if (exchange.session_ != nullptr) return exchange.session_->answer_is_ready();
  exchange.destroy_if_free();
}

const Response& OpenExchange::take_response() noexcept {
  watch_ = nullptr;
  if (!task_.is_done()) return response_;  // it never started: refused
  Task<Response> ended = std::move(task_);
  try {
    response_ = ended.take();
    if (response_.status < 200 || response_.status > 999) {
      release_chunks(response_);
      return refuse(Rule::kException);
    }
  } catch (const std::bad_alloc&) {
    return refuse(Rule::kOutOfMemory);
  } catch (...) {
    return refuse(Rule::kException);
  }
  return response_;
}

const Response& OpenExchange::refuse(Rule rule) noexcept {
  loop_.count_refusal(rule);
  const Refusal& why = refusal(rule);
  response_ = Response{};
  response_.status = why.status;
  response_.body = why.body;
  // Our own failure says nothing about the framing: the connection may go on.
  response_.close = rule != Rule::kOutOfMemory && rule != Rule::kException;
  return response_;
}

void OpenExchange::detach(bool with_head_block) noexcept {
  session_ = nullptr;
  watch_ = nullptr;
  waiting_ = nullptr;
  owns_head_block_ = with_head_block;
  if (task_.is_done()) take_response();  // nobody came for it, and it may hold chunks
  task_.destroy();
  release_chunks(response_);
  destroy_if_free();
}

void OpenExchange::release_memory() noexcept {
  HOOKHOST_CHECK(holds_ != 0);
  --holds_;
  destroy_if_free();
}

void OpenExchange::destroy_if_free() noexcept {
  if (session_ != nullptr || holds_ != 0 || is_finishing_) return;
  BlockPool& blocks = loop_.blocks();
  if (owns_head_block_) blocks.give_back(head_block_);
  auto* block = reinterpret_cast<char*>(this);
  this->~OpenExchange();
  blocks.give_back(block);
}

void OpenExchange::peer_gone() noexcept {
  if (PeerWatch* watch = std::exchange(watch_, nullptr)) watch->gone(*watch);
}

bool OpenExchange::start_body(std::size_t bytes_max) {
  if (reader_.start(bytes_max) == BodyReader::State::kMore) session_->begin_body(*this);
  return reader_.state() != BodyReader::State::kMore;
}

void OpenExchange::wait_for_body(std::coroutine_handle<> waiting) noexcept {
  waiting_ = waiting;
  session_->wait_for_body();
}

Result<std::string_view, Refusal> OpenExchange::body() noexcept {
  if (reader_.state() == BodyReader::State::kComplete) {
    loop_.counters().body_bytes.add(reader_.view().size());
    return reader_.view();
  }
  HOOKHOST_CHECK(reader_.state() == BodyReader::State::kRefused);
  return refusal(reader_.rule());
}

}  // namespace hookhost::http
