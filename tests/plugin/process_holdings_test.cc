// SPDX-License-Identifier: Apache-2.0
//
// Is what a process holds more of named, and what comes and goes by itself left alone?
#include "plugin/process_holdings.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <semaphore>
#include <thread>

#include "base/unique_fd.h"
#include "support/temp_dir.h"

namespace hookhost::plugin {
namespace {

using Kind = ProcessHoldings::Kind;
using testing::IsEmpty;

// The growth of one kind; "" for none.
std::string growth(const ProcessHoldings& before, Kind kind, std::size_t rounds = 1) {
  for (const auto& grown : before.growth(ProcessHoldings::take(), rounds)) {
    if (grown.kind == kind) return grown.amount + ": " + grown.names;
  }
  return {};
}

TEST(ProcessHoldings, OfNothingNewIsNoGrowth) {
  const auto before = ProcessHoldings::take();
  EXPECT_THAT(before.growth(ProcessHoldings::take(), 1), IsEmpty());
}

TEST(ProcessHoldings, NamesDescriptors) {
  const test::TempDir folder;
  const auto file = folder.write("x", "");
  const auto before = ProcessHoldings::take();

  UniqueFd one(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(growth(before, Kind::kDescriptors), "1 descriptor more: " + file.native());
  UniqueFd two(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(growth(before, Kind::kDescriptors), "2 descriptors more: " + file.native());
  one.reset();
  two.reset();
  EXPECT_EQ(growth(before, Kind::kDescriptors), "");
}

TEST(ProcessHoldings, SocketsHaveOneName) {
  const auto before = ProcessHoldings::take();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]), two(ends[1]);

  EXPECT_EQ(growth(before, Kind::kDescriptors), "2 descriptors more: socket");
}

TEST(ProcessHoldings, OneInThePlaceOfAnotherIsNoGrowth) {
  const test::TempDir folder;
  const auto first = folder.write("first", ""), second = folder.write("second", "");
  UniqueFd file(::open(first.c_str(), O_RDONLY | O_CLOEXEC));
  const auto before = ProcessHoldings::take();

  file.reset();
  file = UniqueFd(::open(second.c_str(), O_RDONLY | O_CLOEXEC));

  EXPECT_EQ(growth(before, Kind::kDescriptors), "");
}

TEST(ProcessHoldings, ManyNamesAreCutShort) {
  const test::TempDir folder;
  const auto before = ProcessHoldings::take();
  std::vector<UniqueFd> files;
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    files.emplace_back(::open(folder.write(name, "").c_str(), O_RDONLY | O_CLOEXEC));

  EXPECT_THAT(growth(before, Kind::kDescriptors), testing::StartsWith("6 descriptors more: "));
  EXPECT_THAT(growth(before, Kind::kDescriptors), testing::EndsWith("/d and 2 other names"));
}

TEST(ProcessHoldings, NamesThreads) {
  const auto before = ProcessHoldings::take();
  std::binary_semaphore is_named{0}, may_end{0};
  std::thread thread([&] {
    ::pthread_setname_np(::pthread_self(), "sleeper");
    is_named.release();
    may_end.acquire();
  });
  is_named.acquire();

  EXPECT_EQ(growth(before, Kind::kThreads), "1 thread more: sleeper");

  may_end.release();
  thread.join();
}

TEST(ProcessHoldings, NamesMappedFiles) {
  const test::TempDir folder;
  const auto path = folder.write("two words", "x");
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto before = ProcessHoldings::take();

  void* memory = ::mmap(nullptr, 1, PROT_READ, MAP_PRIVATE, file.get(), 0);

  EXPECT_EQ(growth(before, Kind::kMappings), "1 mapping more: " + path.native());
  ::munmap(memory, 1);
}

// Pages by turns readable and not: the kernel cannot make one mapping of them.
class MemoryMappings {
 public:
  explicit MemoryMappings(std::size_t count)
      : bytes_(count * kPage),
        memory_(::mmap(nullptr, bytes_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    for (std::size_t i = 0; i < count; i += 2)
      ::mprotect(static_cast<char*>(memory_) + i * kPage, kPage, PROT_NONE);
  }
  ~MemoryMappings() { ::munmap(memory_, bytes_); }
  MemoryMappings(const MemoryMappings&) = delete;
  MemoryMappings& operator=(const MemoryMappings&) = delete;

 private:
  static constexpr std::size_t kPage = 64 * 1024;
  std::size_t bytes_;
  void* memory_;
};

TEST(ProcessHoldings, SomeMemoryComesAndGoes) {
  const auto before = ProcessHoldings::take();
  const MemoryMappings few(4);
  EXPECT_EQ(growth(before, Kind::kMappings, 1), "");
}

TEST(ProcessHoldings, MemoryThatGrowsInMoreThanEverySecondRoundIsNamed) {
  const auto before = ProcessHoldings::take();
  const MemoryMappings many(40);
  EXPECT_THAT(growth(before, Kind::kMappings, 40), testing::EndsWith(" mappings more: memory"));
  EXPECT_EQ(growth(before, Kind::kMappings, 100), "");
}

}  // namespace
}  // namespace hookhost::plugin
