// SPDX-License-Identifier: Apache-2.0
//
// Can a damaged library, however it is damaged, take the process down that inspects and probes it,
// or the build that serves? Nothing here knows what is wrong with a file: it is cut, zeroed and
// flipped everywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "plugin/inspect.h"
#include "plugin/probe.h"
#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream bytes(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(bytes), std::istreambuf_iterator<char>()};
}

// A plugin that serves, and damaged files beside it.
class HostileFile : public testing::Test {
 protected:
  HostileFile() { EXPECT_EQ(host_.load().loaded.size(), 1u); }

  LoadReport update(const fs::path& file) {
    LoadReport report = host_.registry->update({{FolderChange::Kind::kSettled, file}});
    host_.registry->commit({});
    return report;
  }
  std::string answer() {
    TestAttempt attempt;
    Outcome outcome = host_.post(attempt);
    std::string body = bytes_of(outcome.response);
    release_chunks(outcome.response);
    return body;
  }
  fs::path damaged(std::string_view bytes, std::string_view name = "damaged.so") const {
    return host_.folder.write(name, bytes, 0700);
  }
  // Probes these files, and removes them. How many would be loaded.
  std::size_t probe_all(std::vector<ProbeSubject>& subjects) {
    ProbeOptions options;
    options.program = HOOKHOST_TEST_PROBE;
    options.arguments.clear();
    options.host_version = "9.9.9";
    options.timeout = std::chrono::seconds(1);
    std::size_t good = 0;
    const auto reports =
        probe(subjects, options, [](std::string_view) { return PluginSettings{}; });
    EXPECT_EQ(reports.size(), subjects.size());
    for (const ProbeReport& report : reports) {
      EXPECT_NE(report.is_good, !report.reason.empty());
      if (report.is_good) ++good;
    }
    for (const ProbeSubject& subject : subjects) fs::remove(subject.library);
    subjects.clear();
    return good;
  }

  TestRegistry host_;
  const fs::path file_ = host_.add("sample");
  const std::string whole_ = content_of(file_);
};

TEST_F(HostileFile, EveryTruncationIsRefusedByInspection) {
  const fs::path file = damaged(whole_);
  ASSERT_TRUE(inspect(file));
  for (std::size_t bytes = whole_.size(); bytes-- > 0;) {
    fs::resize_file(file, bytes);
    ASSERT_FALSE(inspect(file)) << bytes;
  }
}

TEST_F(HostileFile, ATruncationInThePlaceOfWhatServesIsRefusedAndThatGoesOn) {
  constexpr std::size_t kCuts = 48;
  for (std::size_t cut = 0; cut < kCuts; ++cut) {
    const std::size_t bytes = whole_.size() * cut / kCuts;
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << whole_.substr(0, bytes);

    const LoadReport report = update(file_);

    ASSERT_EQ(report.refused.size(), 1u) << bytes;
    EXPECT_NE(report.refused[0].reason, "");
    EXPECT_EQ(report.refused[0].stays, 1u);
    EXPECT_EQ(answer(), "\"sample\"") << bytes;
  }
}

// Linkers put the section headers last, which no loader reads: a library that passes has lost
// nothing that runs.
TEST_F(HostileFile, AZeroedTailIsRefusedOrHarmless) {
  std::vector<ProbeSubject> passed;
  std::size_t refused = 0;
  std::string bytes = whole_;
  for (std::size_t zeroed = 1; zeroed <= whole_.size(); ++zeroed) {
    char& next = bytes[whole_.size() - zeroed];
    if (std::exchange(next, '\0') == '\0') continue;  // as before
    const fs::path file = damaged(bytes, fmt::format("{}.so", zeroed));
    if (inspect(file)) {
      passed.push_back({file, "sample.so"});
    } else {
      fs::remove(file);
      ++refused;
    }
  }
  const std::size_t count = passed.size();

  EXPECT_EQ(probe_all(passed), count);
  EXPECT_LT(count, 64u);  // within the last section header
  EXPECT_GT(refused, whole_.size() / 4);
  EXPECT_EQ(answer(), "\"sample\"");
}

// Where such a library still loads, it may do wrong; but not to who tries it.
TEST_F(HostileFile, AFlippedBitNeverHarmsWhoInspectsOrProbesIt) {
  constexpr std::size_t kFlips = 5000, kBatch = 64;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
  constexpr std::size_t kProbed = 500;  // a sanitizer's children, or clang's, are slow to die
#else
  constexpr std::size_t kProbed = kFlips;
#endif
  std::mt19937 random(20261124);  // NOLINT: the same flips every time
  std::uniform_int_distribution<std::size_t> place(0, whole_.size() * 8 - 1);
  std::vector<ProbeSubject> passed;
  std::size_t refused = 0, probed = 0, good = 0;
  for (std::size_t flip = 0; flip < kFlips; ++flip) {
    std::string bytes = whole_;
    const std::size_t bit = place(random);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const fs::path file = damaged(bytes, fmt::format("{}.so", flip));
    const bool is_refused = !inspect(file);
    if (is_refused) ++refused;
    if (is_refused || probed == kProbed) {
      fs::remove(file);
      continue;
    }
    passed.push_back({file, "sample.so"});
    ++probed;
    if (passed.size() == kBatch) good += probe_all(passed);
  }
  good += probe_all(passed);

  EXPECT_EQ(answer(), "\"sample\"");
  EXPECT_GT(refused, 0u);
  EXPECT_LT(good, probed);  // else the probe tries nothing
  RecordProperty("refused_by_inspection", std::to_string(refused));
  RecordProperty("refused_by_probe", std::to_string(probed - good));
}

}  // namespace
}  // namespace hookhost::plugin
