// SPDX-License-Identifier: Apache-2.0
// Under which names does the admin listener answer?
#include "admin/access.h"

#include <gtest/gtest.h>

namespace hookhost::admin {
namespace {

TEST(HostAllowList, TakesTheLoopbackNamesWithAnyPort) {
  const HostAllowList hosts;
  for (const std::string_view host : {"localhost", "LocalHost:7861", "127.0.0.1", "127.0.0.1:80",
                                      "[::1]", "[::1]:7861", "localhost:"})
    EXPECT_TRUE(hosts.allows_host(host)) << host;
}

TEST(HostAllowList, TakesEveryNameWhereATokenIsAskedForAnyway) {
  EXPECT_TRUE(HostAllowList::any().allows_host("me-hooks.hf.space"));
}

TEST(HostAllowList, RefusesEveryOtherName) {
  const HostAllowList hosts;
  for (const std::string_view host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "::1",
        "[::2]", "[::1", "[::1]x", "[::1]:x", "localhost:7861:1", "localhost.", "a@localhost",
        "localhost:80x", ":7861", "[]"})
    EXPECT_FALSE(hosts.allows_host(host)) << host;
}

TEST(HostAllowList, TakesTheConfiguredAddressAndNames) {
  const HostAllowList hosts("192.0.2.7", {"hooks.internal"});
  EXPECT_TRUE(hosts.allows_host("192.0.2.7:7861"));
  EXPECT_TRUE(hosts.allows_host("hooks.internal:7861"));
  EXPECT_TRUE(hosts.allows_host("localhost"));
  EXPECT_FALSE(hosts.allows_host("192.0.2.8"));
  EXPECT_FALSE(hosts.allows_host("x.hooks.internal"));
  EXPECT_TRUE(HostAllowList("2001:db8::1", {}).allows_host("[2001:DB8::1]:7861"));
}

TEST(HostAllowList, TakesEveryAddressButNoNameWhenItListensOnAll) {
  for (const std::string_view all : {"0.0.0.0", "::"}) {
    const HostAllowList hosts(all, {});
    EXPECT_TRUE(hosts.allows_host("10.1.2.3:7861"));
    EXPECT_TRUE(hosts.allows_host("[2001:db8::5]:7861"));
    EXPECT_FALSE(hosts.allows_host("evil.example:7861"));
    EXPECT_FALSE(hosts.allows_host("10.1.2.3.evil.example"));
    EXPECT_FALSE(hosts.allows_host("10.1.2"));
    EXPECT_FALSE(hosts.allows_host("[]:7861"));
  }
}

TEST(HostAllowList, TakesARequestWithoutHost) {
  RequestHead head;
  EXPECT_TRUE(HostAllowList().allows(head));
  const Header empty[] = {{"Host", ""}};
  head.headers = empty;
  EXPECT_FALSE(HostAllowList().allows(head));
}

}  // namespace
}  // namespace hookhost::admin
