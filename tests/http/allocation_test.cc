// SPDX-License-Identifier: Apache-2.0
//
// Does a request on a warmed-up keep-alive connection really allocate nothing? This program's
// operator new and malloc count; only the loop's thread is of interest.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "http/door_fixture.h"

namespace {

thread_local bool is_counted = false;
std::atomic<std::uint64_t> allocations{0};

void* counted(void* place) {
  if (is_counted) ++allocations;
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto a = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(a, (size + a - 1) / a * a));
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

namespace hookhost::http {
namespace {

// Reads the body and answers with it, as an inline handler would.
class PlainReceiver final : public Receiver {
 public:
  Task<Response> receive(Exchange& exchange) override {
    is_counted = true;  // from the first request on: this is the loop's thread
    const auto body = co_await exchange.read_body(1024 * 1024);
    if (!body) co_return Response{.status = body.error().status, .close = true};
    co_return Response{.body = *body};
  }
};

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() {
    port_ = loops_.listen({"127.0.0.1", 0}, receiver_)->port;
    loops_.start();
  }
  ~AllocationTest() override { loops_.stop(); }

  std::uint64_t count(RawClient& client, const std::string& wire, int times) {
    for (int i = 0; i < 10; ++i) client.send(wire), client.read_answer();
    const std::uint64_t before = allocations;
    for (int i = 0; i < times; ++i) {
      client.send(wire);
      EXPECT_EQ(client.read_answer()->status, 200);
    }
    return allocations - before;
  }

  SystemClock clock_;
  PlainReceiver receiver_;
  EventLoops loops_{{.count = 1, .limits = quick_limits()}, clock_};
  std::uint16_t port_ = 0;
};

TEST_F(AllocationTest, AWarmedUpRequestAllocatesNothing) {
  RawClient client(port_);
  EXPECT_EQ(count(client, post("/x", std::string(1000, 'x')), 1000), 0U);
}

TEST_F(AllocationTest, NorDoesAChunkedOneOrOneThatFillsItsBlock) {
  RawClient client(port_);
  EXPECT_EQ(count(client, post_chunked("/x", "5\r\nhello\r\n0\r\n\r\n"), 100), 0U);
  EXPECT_EQ(count(client, post("/x", std::string(24'000, 'x')), 100), 0U);
}

TEST_F(AllocationTest, NorDoOnesOnOtherConnectionsAtTheSameTime) {
  std::vector<std::unique_ptr<RawClient>> clients;
  const std::string wire = post("/x", "hello");
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(port_));
    clients.back()->send(wire), clients.back()->read_answer();
  }
  const auto round = [&] {
    for (auto& client : clients) client->send(wire);
    for (auto& client : clients) EXPECT_EQ(client->read_answer()->status, 200);
  };
  for (int i = 0; i < 10; ++i) round();
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) round();
  EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace hookhost::http
