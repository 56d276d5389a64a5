// SPDX-License-Identifier: Apache-2.0
//
// What the level basic costs a swap: the looks at the process around the life-cycle calls of the
// build that comes and of the one that goes, in a host with so many connections.
#include <benchmark/benchmark.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "base/unique_fd.h"
#include "plugin/process_watch.h"

namespace hookhost::plugin {
namespace {

void BM_LooksOfASwap(benchmark::State& state) {
  std::vector<UniqueFd> connections;
  for (std::int64_t i = 0; i < state.range(0); i += 2) {
    std::array<int, 2> pair;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) std::abort();
    for (const int fd : pair) connections.emplace_back(fd);
  }
  ProcessWatch watch(true);
  for (auto _ : state) {
    for (int call = 0; call < 4; ++call)  // load, create, activate, the self-test
      ProcessWatch::Look(watch, ProcessWatch::Scope::kComingUp).end();
    for (int call = 0; call < 2; ++call)  // quiesce, destroy
      ProcessWatch::Look(watch, ProcessWatch::Scope::kAnything).end();
  }
}
BENCHMARK(BM_LooksOfASwap)->Arg(0)->Arg(64)->Arg(800)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hookhost::plugin
