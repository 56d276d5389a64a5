// SPDX-License-Identifier: Apache-2.0
//
// Does every request keep the table that it was routed by, and does the next one get the new one?
#include "routing/published_table.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "support/routes.h"
#include "support/scripted_handler.h"

namespace hookhost::routing {
namespace {

using test::route_to;
using test::ScriptedHandler;
using test::table_of;

std::shared_ptr<const RouteTable> table(std::shared_ptr<Handler> handler, std::string_view path) {
  return table_of({route_to(std::move(handler), path)});
}
std::string first_path(const RouteTable& routes) { return routes.routes().front().path; }

TEST(PublishedTable, GivesTheNewTableToTheNextRequest) {
  const auto handler = std::make_shared<ScriptedHandler>();
  PublishedTable published(table(handler, "old"));
  PublishedTable::Reader reader(published);
  EXPECT_EQ(first_path(*reader.pin()), "/webhooks/old");

  published.publish(table(handler, "new"));

  EXPECT_EQ(first_path(*reader.pin()), "/webhooks/new");
  EXPECT_EQ(first_path(*published.snapshot()), "/webhooks/new");
}

TEST(PublishedTable, KeepsTheTableOfARequestThatWaits) {
  const auto handler = std::make_shared<ScriptedHandler>();
  PublishedTable published(table(handler, "old"));
  PublishedTable::Reader reader(published);
  const std::weak_ptr<const RouteTable> old = published.snapshot();
  {
    const auto waiting = reader.pin();
    published.publish(table(handler, "new"));
    const auto copy = waiting;
    EXPECT_EQ(first_path(*reader.pin()), "/webhooks/new");
    EXPECT_EQ(first_path(*waiting), "/webhooks/old");
    EXPECT_FALSE(old.expired());
  }
  EXPECT_TRUE(old.expired());
}

TEST(PublishedTable, LetsATableGoThatNobodyWaitsFor) {
  const auto handler = std::make_shared<ScriptedHandler>();
  PublishedTable published(table(handler, "old"));
  PublishedTable::Reader reader(published);
  const std::weak_ptr<const RouteTable> old = published.snapshot();
  { const auto done = reader.pin(); }

  published.publish(table(handler, "new"));
  EXPECT_FALSE(old.expired());  // the reader finds out with its next request
  { const auto next = reader.pin(); }

  EXPECT_TRUE(old.expired());
}

TEST(PublishedTable, KeepsSeveralReplacedTables) {
  const auto handler = std::make_shared<ScriptedHandler>();
  PublishedTable published(table(handler, "t0"));
  PublishedTable::Reader reader(published);
  std::deque<PublishedTable::Pin> pins;
  for (int i = 1; i <= 3; ++i) {
    pins.push_back(reader.pin());
    published.publish(table(handler, "t" + std::to_string(i)));
  }

  EXPECT_EQ(first_path(*pins[1]), "/webhooks/t1");
  pins.pop_front();
  EXPECT_EQ(first_path(*pins[1]), "/webhooks/t2");
}

TEST(PublishedTable, IsReadByManyThreadsWhileItChanges) {
  const auto handler = std::make_shared<ScriptedHandler>();
  PublishedTable published(table(handler, "t"));
  std::atomic<bool> is_over{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      PublishedTable::Reader reader(published);
      while (!is_over) {
        const auto pin = reader.pin();
        ASSERT_EQ(pin->routes().size(), 1U);
      }
    });
  }
  for (int i = 0; i < 2000; ++i) published.publish(table(handler, "t" + std::to_string(i)));
  is_over = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace hookhost::routing
