// SPDX-License-Identifier: Apache-2.0
//
// Tests my_plugin without a server: it is compiled into this program and called through a fake
// host.
#include <hookhost/testing/fake_host.hpp>

#include <cstdlib>
#include <iostream>

using namespace hookhost;

HOOKHOST_DECLARE_ENDPOINT(my_plugin);

// Use the test framework you like; this needs none.
static void expect(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "failed: " << what << '\n';
  std::exit(1);
}

int main() {
  const auto commit =
      test::post(my_plugin, test::hub_event({.repo_type = "dataset", .repo_name = "user/cats"}));
  expect(commit.status == 202, "a commit to a dataset is accepted");
  expect(commit.body == R"("hello user/cats")", "the answer names the dataset");

  const auto other = test::post(my_plugin, test::hub_event({.repo_type = "model"}));
  expect(other.outcome == test::Outcome::kSkipped, "a model is ignored");

  test::Host host({.config = R"({"kind":"model"})"});
  expect(host.post(my_plugin, test::hub_event({.repo_type = "model"})).status == 202,
         "unless the settings ask for models");
  expect(host.has_logged("user/repo is at"), "and the commit is logged");
}
