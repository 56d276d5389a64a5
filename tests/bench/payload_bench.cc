// SPDX-License-Identifier: Apache-2.0
//
// What understanding a payload costs, as a ratio to simdjson's DOM parse of the same bytes: our
// walk alone, and the walk with the Hub model. The goal is a walk of at most 1.5 DOM parses.
//
// Run: payload_bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
// --benchmark_enable_random_interleaving=true, and compare the medians of one file.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/arena.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

// A body as the door hands it over: with padding behind it.
class Body {
 public:
  explicit Body(const char* name) {
    std::ifstream file(std::string(HOOKHOST_TEST_DATA "/hub/") + name, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    if (bytes_.empty()) std::abort();
    size_ = bytes_.size();
    bytes_.append(kPaddingBytes, '\0');
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

constexpr std::size_t kArenaBytes = 256 * 1024;

void report(benchmark::State& state, std::string_view body) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

void dom(benchmark::State& state, const char* name) {
  const Body body(name);
  simdjson::dom::parser parser;
  for (auto _ : state) {
    const auto result = parser.parse(body.view().data(), body.view().size(), false);
    if (result.error() != simdjson::SUCCESS) state.SkipWithError("refused");
    benchmark::DoNotOptimize(result.error());
  }
  report(state, body.view());
}

void walk(benchmark::State& state, const char* name) {
  const Body body(name);
  Parser parser;
  std::vector<std::byte> block(kArenaBytes);
  Arena arena;
  for (auto _ : state) {
    arena.reset(block);
    const auto document = parser.parse(body.view(), arena);
    if (!document) state.SkipWithError("refused");
    benchmark::DoNotOptimize(document->index.data());
  }
  report(state, body.view());
}

void walk_and_model(benchmark::State& state, const char* name) {
  const Body body(name);
  Parser parser;
  std::vector<std::byte> block(kArenaBytes);
  Arena arena;
  for (auto _ : state) {
    arena.reset(block);
    const auto document = understand(parser, Form::kHub, "application/json", body.view(), arena);
    if (!document) state.SkipWithError("refused");
    benchmark::DoNotOptimize(document->index.data());
  }
  report(state, body.view());
}

#define HOOKHOST_PAYLOAD_BENCH(file)            \
  BENCHMARK_CAPTURE(dom, file, #file ".json");  \
  BENCHMARK_CAPTURE(walk, file, #file ".json"); \
  BENCHMARK_CAPTURE(walk_and_model, file, #file ".json")

HOOKHOST_PAYLOAD_BENCH(dataset_push);
HOOKHOST_PAYLOAD_BENCH(comment_create);  // holds escapes
HOOKHOST_PAYLOAD_BENCH(many_refs);       // 23.5 KB

}  // namespace
}  // namespace hookhost::payload
