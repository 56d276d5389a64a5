// SPDX-License-Identifier: Apache-2.0
//
// Does a warmed-up request on an inline route allocate anything on its way through the corridor?
// Counted are the operators new of this thread, which the whole program of this test shares.
#include <cstdlib>
#include <new>

#include "intake/corridor_fixture.h"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t align) {
  ++allocations;
  void* place = align <= alignof(std::max_align_t)
                    ? std::malloc(size)
                    : std::aligned_alloc(align, (size + align - 1) / align * align);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t align) {
  return counted(size, static_cast<std::size_t>(align));
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

namespace hookhost::intake {
namespace {

class QuietHandler final : public Handler {
 public:
  Outcome handle(Attempt&) noexcept override { return {.kind = OutcomeKind::kHandled}; }
  void cancel(Attempt&, CancelReason) noexcept override {}
};
class QuietObserver final : public telemetry::DeliveryObserver {
 public:
  void delivered(const telemetry::DeliveryRecord&) noexcept override {}
};

class Allocation : public CorridorTest {
 protected:
  Allocation() { route.handler = std::make_shared<QuietHandler>(); }
  // How many a request needs when the same one has been served twice before.
  std::size_t counted_for(test::FakeRequest request, int expected_status) {
    test::FakeExchange exchange(loop, std::move(request));
    std::size_t needed = 0;
    for (int i = 0; i < 3; ++i) {
      exchange.again();
      const std::size_t before = allocations;
      exchange.start(quiet);
      EXPECT_TRUE(exchange.is_answered());
      needed = allocations - before;
      Response response = exchange.take();
      EXPECT_EQ(response.status, expected_status);
    }
    return needed;
  }
  QuietObserver quiet_observer;
  Intake quiet{{}, published, dispatcher, quiet_observer, clock, 1};
};

TEST_F(Allocation, CountsAtAll) {
  const std::size_t before = allocations;
  const auto something = std::make_unique<int>(5);
  EXPECT_EQ(allocations - before, 1U) << *something;
}
TEST_F(Allocation, IsNotNeededForAHandledEvent) {
  for (const PayloadForm form :
       {PayloadForm::kHub, PayloadForm::kHubStrict, PayloadForm::kJson, PayloadForm::kRaw}) {
    route.form = form;
    route.events = form == PayloadForm::kRaw ? "" : "repo.content:update";
    serve();
    EXPECT_EQ(counted_for(good(), 200), 0U) << static_cast<int>(form);
  }
}
TEST_F(Allocation, IsNotNeededForATemplateAndAnEncodedPath) {
  route.path = "/webhooks/tpl/{id}";
  serve();
  test::FakeRequest request = good();
  request.target = "/webhooks/tpl/a%20b";

  EXPECT_EQ(counted_for(request, 200), 0U);
}
TEST_F(Allocation, IsNotNeededForASecretInTheQuery) {
  route.authenticator =
      auth::make_hub_secret(std::vector{Secret("s3cret")}, {.in_query = true}).value();
  serve();
  test::FakeRequest request = good();
  std::erase_if(request.headers, [](const auto& line) { return line.first == "X-Webhook-Secret"; });
  request.target = "/webhooks/x?secret=s3cre%74";

  EXPECT_EQ(counted_for(request, 200), 0U);
}
TEST_F(Allocation, IsNotNeededToSayNo) {
  serve();
  test::FakeRequest request = good();
  request.target = "/webhooks/y";
  EXPECT_EQ(counted_for(request, 404), 0U);
  request = good();
  request.method = "GET";
  EXPECT_EQ(counted_for(request, 405), 0U);
  request = good();
  request.headers.back() = {"x-webhook-secret", "again"};
  EXPECT_EQ(counted_for(request, 403), 0U);
}

}  // namespace
}  // namespace hookhost::intake
