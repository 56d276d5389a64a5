// SPDX-License-Identifier: Apache-2.0
//
// A plugin that counts, and hands its count to the next build (state_transfer_test.cc). BUILD names
// the build, VERSION is that of its state, KNOWS the oldest that it knows. SAVE_THROWS,
// SAVE_IS_LARGE and LOAD_THROWS make bad ones. Where the environment has HOOKHOST_TEST_GATE, the
// address of a counter of the test's, save (SAVE_WAITS) and the endpoint `slow` wait until it is
// not 0.
#include <hookhost/hookhost.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

using namespace hookhost;

namespace {

void wait_at_gate() {
  const char* const address = std::getenv("HOOKHOST_TEST_GATE");
  if (address == nullptr) return;
  // Not wait(): each library has its own list of who sleeps.
  const auto* gate = reinterpret_cast<std::atomic<int>*>(std::strtoull(address, nullptr, 16));
  while (*gate == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
}

struct Memory {
  static constexpr std::uint32_t kVersion = VERSION;

  std::string save() const {
#ifdef SAVE_WAITS
    wait_at_gate();
#endif
#ifdef SAVE_THROWS
    throw std::runtime_error("the count is lost");
#endif
#ifdef SAVE_IS_LARGE
    return std::string(HOOKHOST_STATE_BYTES_MAX + 1, 'x');
#endif
    return std::to_string(count.load());
  }
  bool load(std::uint32_t version, std::string_view bytes) {
    if (version < KNOWS || version > kVersion) return false;
#ifdef LOAD_THROWS
    throw std::runtime_error("cannot read " + std::string(bytes));
#endif
    count = std::stoi(std::string(bytes));
    return true;
  }
  bool on_config(Json config) {
    const std::string_view name = config["name"].get_or(std::string_view());
    if (name == "bad") throw std::runtime_error("that name is bad");
    if (name == "new") return false;
    suffix = name == "second" ? 2 : 1;
    return true;
  }

  std::atomic<int> count{0};
  std::atomic<int> suffix{0};
};

std::string answer(Context& ctx) {
  auto& memory = ctx.state<Memory>();
  const int count = ++memory.count;
  const int suffix = memory.suffix;
  return BUILD " " + std::to_string(count) + (suffix == 0 ? "" : " " + std::to_string(suffix));
}

std::string count(Request&, Context& ctx) { return answer(ctx); }
std::string slow(Request&, Context& ctx) {
  wait_at_gate();
  return answer(ctx);
}

}  // namespace

HOOKHOST_PLUGIN("remembering", "1.0.0");
HOOKHOST_STATE(Memory);
HOOKHOST_ROUTE(count, "", .run_inline = true);
HOOKHOST_ROUTE(slow);
