// SPDX-License-Identifier: Apache-2.0
//
// Does a warmed-up request on an inline route allocate anything on its way through the corridor?
#include <memory>

#include "auth/hmac.h"
#include "auth/scheme.h"
#include "base/encoding.h"
#include "intake/corridor_fixture.h"
#include "support/allocation_count.h"

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
      const std::size_t before = test::allocations_of_this_thread();
      exchange.start(quiet);
      EXPECT_TRUE(exchange.is_answered());
      needed = test::allocations_of_this_thread() - before;
      Response response = exchange.take();
      EXPECT_EQ(response.status, expected_status);
    }
    return needed;
  }
  QuietObserver quiet_observer;
  Intake quiet{{}, published, dispatcher, quiet_observer, clock, 1};
};

TEST_F(Allocation, CountsAtAll) {
  const std::size_t before = test::allocations_of_this_thread();
  const auto something = std::make_unique<int>(5);
  EXPECT_EQ(test::allocations_of_this_thread() - before, 1U) << *something;
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
  route.authenticator = test::hub_secret({"s3cret"}, true);
  serve();
  test::FakeRequest request = good();
  std::erase_if(request.headers, [](const auto& line) { return line.first == "X-Webhook-Secret"; });
  request.target = "/webhooks/x?secret=s3cre%74";

  EXPECT_EQ(counted_for(request, 200), 0U);
}
// Two are OpenSSL's: it makes its state anew at each start of a digest (auth/hmac.h).
TEST_F(Allocation, IsOpensslsAloneForASignedBody) {
  const std::vector credentials{auth::Credential(Secret("key"))};
  route.authenticator = auth::make_authenticator(*auth::find_scheme("github"), credentials).value();
  serve();
  test::FakeRequest request = good();
  const std::string_view body = request.body;
  const auth::Mac mac = auth::HmacKey(auth::Digest::kSha256, "key").mac(std::span(&body, 1));
  request.headers.emplace_back("X-Hub-Signature-256", "sha256=" + hex_encode(mac.view()));

  EXPECT_LE(counted_for(request, 200), 2U);
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
