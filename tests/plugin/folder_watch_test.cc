// SPDX-License-Identifier: Apache-2.0
//
// Is every changed plugin file told exactly once, when it rests and not before, whatever tool wrote
// it; and is nothing told of files that did not change? The files are real, the time is not.
#include "plugin/folder_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::FakeClock;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Told = std::vector<std::string>;

const FolderWatchOptions kDefaults;
const auto kSettle = kDefaults.settle;
const auto kGrace = kDefaults.removal_grace;
const auto kLookEvery = kDefaults.look_every;
const auto kRestlessAfter = kDefaults.restless_after;

// The folder "<temporary>/plugins" with "known.so" in it, and its watch.
class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    write("known.so", "known");
    open({});
  }

  void open(FolderWatchOptions options) {
    auto opened = FolderWatch::open(folder_, std::move(options), clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    watch_ = std::move(*opened);
  }

  // In place, as cp does.
  fs::path write(const std::string& name, std::string_view content) const {
    return temporary_.write("plugins/" + name, content);
  }
  // Beside, and then into place, as install, rsync and lld do.
  void rename_into(const std::string& name, std::string_view content) const {
    fs::rename(write(name + ".tmp", content), folder_ / name);
  }

  // "settled a.so", "gone b.so"
  Told tend() {
    Told told;
    for (const FolderChange& change : watch_->tend()) {
      constexpr const char* kKinds[] = {"settled ", "gone ", "restless "};
      EXPECT_EQ(change.file.parent_path(), folder_);
      told.push_back(kKinds[static_cast<int>(change.kind)] + change.file.filename().string());
    }
    EXPECT_GT(watch_->next(), clock_.monotonic_now());  // or the caller would spin
    return told;
  }
  Told tend_after(milliseconds time) {
    clock_.advance(time);
    return tend();
  }
  // What is told until the folder is quiet, of a caller who comes when next() says so.
  Told rest() {
    Told told = tend();
    for (int looks = 0; watch_->next() < clock_.monotonic_now() + kLookEvery; ++looks) {
      if (looks == 100) return {"no end"};
      clock_.advance(watch_->next() - clock_.monotonic_now());
      for (std::string& one : tend()) told.push_back(std::move(one));
    }
    return told;
  }
  milliseconds until_next() const {
    return std::chrono::duration_cast<milliseconds>(watch_->next() - clock_.monotonic_now());
  }
  bool is_readable(milliseconds timeout = 0ms) const {
    pollfd wanted{watch_->fd(), POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(timeout.count())) == 1;
  }

  const TempDir temporary_;
  const fs::path folder_ = temporary_ / "plugins";
  FakeClock clock_;
  std::unique_ptr<FolderWatch> watch_;
};

void set_times(const fs::path& file, timespec time) {
  const timespec times[] = {time, time};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

// What the call returns while the process may open nothing. UBSan opens a pipe when it meets an
// object of a class for the first time: meet them before.
template <class Call>
auto without_descriptors(Call call) {
  rlimit before{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto result = call();
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  return result;
}

// ---- Which names

TEST(PluginFile, IsWhatEndsInSoAndIsNoDotFile) {
  for (const char* name : {"a.so", "lib.x.so", "a b.so"}) EXPECT_TRUE(is_plugin_file(name)) << name;
  for (const char* name : {"", ".so", ".x.so", "..data", "x.so.tmp", "x.so~", "x.so.1", "x.SO",
                           "so", "xso", "#x.so#", "x.so.swp"})
    EXPECT_FALSE(is_plugin_file(name)) << name;
}

// ---- Opening

TEST_F(FolderWatchTest, PresentFilesAreKnownAndNothingIsTold) {
  EXPECT_EQ(until_next(), kLookEvery);
  EXPECT_FALSE(is_readable());
  EXPECT_THAT(tend(), IsEmpty());
  for (int looks = 0; looks < 3; ++looks) EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, AFolderThatIsNotThereYetIsFoundOnceItIs) {
  fs::remove_all(folder_);
  watch_ = FolderWatch::open(folder_, {}, clock_).value();
  EXPECT_THAT(tend(), IsEmpty());

  fs::create_directory(folder_);
  write("new.so", "1");

  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, WithoutADescriptorTheErrorSaysWhatToRaise) {
  EXPECT_NE(std::generic_category().message(EMFILE), "");  // met before, see above

  const auto refused = without_descriptors(
      [&folder = folder_, &clock = clock_] { return FolderWatch::open(folder, {}, clock); });

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().fix, HasSubstr("fs.inotify.max_user_instances"));
}

// ---- Coming to rest

TEST_F(FolderWatchTest, ANewFileIsToldOnceAfterTheSettleTime) {
  write("new.so", "1");

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_FALSE(is_readable());
  EXPECT_EQ(until_next(), kSettle);
  EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty());
  EXPECT_THAT(tend_after(1ms), ElementsAre("settled new.so"));
  EXPECT_EQ(until_next(), kLookEvery);
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, ACopyInPlaceIsTold) {
  write("known.so", "other");

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, ARenameOverIsToldUnderTheNewNameOnly) {
  rename_into("known.so", "known");

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, AFileThatIsWrittenInSlicesIsToldAfterTheLast) {
  std::ofstream file(folder_ / "known.so", std::ios::binary);
  for (int slices = 0; slices < 20; ++slices) {
    file << "slice" << std::flush;
    EXPECT_TRUE(is_readable(10s));
    EXPECT_THAT(tend(), IsEmpty());
    EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty()) << slices;
  }
  file.close();  // an event of its own

  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty());
  EXPECT_THAT(tend_after(1ms), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, AnEventBeginsTheSettleTimeAnewEvenWhenTheStateIsEqual) {
  write("new.so", "1");
  set_times(folder_ / "new.so", {1, 0});
  EXPECT_THAT(tend(), IsEmpty());

  write("new.so", "2");
  set_times(folder_ / "new.so", {1, 0});

  EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty());
  EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty());
  EXPECT_THAT(tend_after(1ms), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, AWriteThatLeavesTheStateEqualIsTold) {
  set_times(folder_ / "known.so", {1, 0});
  EXPECT_THAT(rest(), ElementsAre("settled known.so"));  // the time is another one

  write("known.so", "KNOWN");
  set_times(folder_ / "known.so", {1, 0});

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, AChangedModeIsNotTold) {
  fs::permissions(folder_ / "known.so", fs::perms::owner_read);
  ASSERT_TRUE(is_readable());

  EXPECT_THAT(rest(), IsEmpty());
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, AChangedModeDoesNotBeginTheSettleTimeAnew) {
  const fs::path file = write("new.so", "1");
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kSettle - 1ms), IsEmpty());

  fs::permissions(file, fs::perms::owner_read);

  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(1ms), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, FiftyFilesAtOnceAreOneBatchInOrder) {
  Told expected;
  for (int n = 49; n >= 0; --n) {
    const std::string name = fmt::format("{:02}.so", n);
    expected.insert(expected.begin(), "settled " + name);
    n % 2 == 0 ? static_cast<void>(write(name, "x")) : rename_into(name, "x");
  }

  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_EQ(tend_after(kSettle), expected);
}

TEST_F(FolderWatchTest, EachFileHasASettleTimeOfItsOwn) {
  write("a.so", "1");
  EXPECT_THAT(tend(), IsEmpty());
  write("b.so", "1");

  EXPECT_THAT(tend_after(100ms), IsEmpty());
  EXPECT_EQ(until_next(), kSettle - 100ms);
  EXPECT_THAT(tend_after(kSettle - 100ms), ElementsAre("settled a.so"));
  EXPECT_EQ(until_next(), 100ms);
  EXPECT_THAT(tend_after(100ms), ElementsAre("settled b.so"));
}

TEST_F(FolderWatchTest, ACallerWhoComesLateMissesNothing) {
  write("new.so", "1");
  EXPECT_THAT(tend(), IsEmpty());

  EXPECT_THAT(tend_after(1h), ElementsAre("settled new.so"));
}

// ---- Files that do not count

TEST_F(FolderWatchTest, OtherNamesAreNotTold) {
  for (const char* name : {".hidden.so", "x.so.tmp", "x.so~", "readme.md"}) write(name, "1");

  EXPECT_THAT(rest(), IsEmpty());
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, WhatIsNoFileIsToldOnceSoThatSomebodyCanSayWhy) {
  fs::create_directory(folder_ / "folder.so");
  fs::create_symlink("nowhere", folder_ / "dangling.so");
  ASSERT_EQ(::mkfifo((folder_ / "pipe.so").c_str(), 0600), 0);

  EXPECT_THAT(rest(), ElementsAre("settled dangling.so", "settled folder.so", "settled pipe.so"));
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());

  write("folder.so/inside", "1");
  clock_.advance(kLookEvery);
  EXPECT_THAT(rest(), IsEmpty());
  for (const char* name : {"folder.so", "dangling.so", "pipe.so"}) fs::remove_all(folder_ / name);
  EXPECT_THAT(rest(), ElementsAre("gone dangling.so", "gone folder.so", "gone pipe.so"));
}

TEST_F(FolderWatchTest, WhatIsWrittenIntoOtherFilesMakesNoLook) {
  const fs::path log = write("log.txt", "");
  EXPECT_THAT(tend(), IsEmpty());
  clock_.advance(1s);

  std::ofstream(log, std::ios::app) << "line";

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_FALSE(is_readable());
  EXPECT_EQ(until_next(), kLookEvery - 1s);
}

TEST_F(FolderWatchTest, OnlyTheNamesThatTheOptionsWantCountWhateverTheyEndIn) {
  write("module.so.2", "1");
  open({.counts = [](std::string_view name) { return name == "module.so.2"; }});

  write("known.so", "other");
  write("new.so", "1");
  EXPECT_THAT(rest(), IsEmpty());
  write("module.so.2", "2");
  EXPECT_THAT(rest(), ElementsAre("settled module.so.2"));
  fs::remove(folder_ / "module.so.2");
  EXPECT_THAT(rest(), ElementsAre("gone module.so.2"));
  rename_into("module.so.2", "1");
  EXPECT_THAT(rest(), ElementsAre("settled module.so.2"));
}

TEST_F(FolderWatchTest, AFileThatCountsMayAppearLater) {
  open({.counts = [](std::string_view name) { return name == "later.so"; }});
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());

  write("later.so", "1");

  EXPECT_THAT(rest(), ElementsAre("settled later.so"));
}

TEST_F(FolderWatchTest, MoreFilesThanTheLimitAreIgnoredUntilOthersGo) {
  for (std::size_t n = 1; n < kFollowedFilesMax; ++n) write(fmt::format("{}.so", n), "");
  EXPECT_EQ(rest().size(), kFollowedFilesMax - 1);

  write("0.so", "one too many");
  write("known.so", "followed");
  EXPECT_THAT(rest(), ElementsAre("settled known.so"));

  fs::remove(folder_ / "1.so");
  EXPECT_THAT(rest(), ElementsAre("gone 1.so"));
  clock_.advance(kLookEvery);
  EXPECT_THAT(rest(), ElementsAre("settled 0.so"));
}

// ---- Links

TEST_F(FolderWatchTest, ALinkThatIsReplacedIsTold) {  // ln -sf
  const fs::path one = temporary_.write("builds/1.so", "1");
  const fs::path two = temporary_.write("builds/2.so", "2");
  fs::create_symlink(one, folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));

  fs::remove(folder_ / "link.so");
  fs::create_symlink(two, folder_ / "link.so");

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));
}

TEST_F(FolderWatchTest, ALinkToAnotherBuildAndBackTellsNothing) {
  const fs::path one = temporary_.write("builds/1.so", "1");
  fs::create_symlink(one, folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));

  fs::remove(folder_ / "link.so");
  fs::create_symlink(folder_ / "known.so", folder_ / "link.so");
  EXPECT_THAT(tend(), IsEmpty());
  fs::remove(folder_ / "link.so");
  fs::create_symlink(one, folder_ / "link.so");

  EXPECT_THAT(rest(), IsEmpty());
}

TEST_F(FolderWatchTest, AFolderOfLinksThatIsSwitchedIsToldAsOneBatch) {  // Kubernetes' ..data
  for (const char* build : {"..build1/", "..build2/"})
    for (const char* name : {"a.so", "b.so"}) write(std::string(build) + name, build);
  fs::create_symlink("..build1", folder_ / "..data");
  fs::create_symlink("..data/a.so", folder_ / "a.so");
  fs::create_symlink("..data/b.so", folder_ / "b.so");
  EXPECT_THAT(rest(), ElementsAre("settled a.so", "settled b.so"));

  fs::create_symlink("..build2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kSettle), ElementsAre("settled a.so", "settled b.so"));
}

TEST_F(FolderWatchTest, ATargetThatChangesElsewhereIsFoundByTheSlowLook) {
  const fs::path target = temporary_.write("builds/1.so", "1");
  fs::create_symlink(target, folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));

  temporary_.write("builds/1.so", "longer");

  EXPECT_FALSE(is_readable());
  EXPECT_THAT(tend_after(until_next() - 1ms), IsEmpty());
  EXPECT_EQ(until_next(), 1ms);
  EXPECT_THAT(tend_after(1ms), IsEmpty());
  EXPECT_EQ(until_next(), kSettle);
  EXPECT_THAT(tend_after(kSettle), ElementsAre("settled link.so"));
}

// The name is still there: only a file that is taken out of the folder is taken out of service.
TEST_F(FolderWatchTest, ALinkWhoseTargetVanishesIsSettledAndNotGone) {
  const fs::path target = temporary_.write("builds/1.so", "1");
  fs::create_symlink(target, folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));

  fs::remove(target);
  clock_.advance(kLookEvery);

  EXPECT_THAT(rest(), ElementsAre("settled link.so"));
  fs::remove(folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("gone link.so"));
}

// ---- Going and coming back

TEST_F(FolderWatchTest, ADeletedFileIsGoneAfterTheGrace) {
  fs::remove(folder_ / "known.so");

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());
  EXPECT_EQ(until_next(), 1ms);
  EXPECT_THAT(tend_after(1ms), ElementsAre("gone known.so"));
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

TEST_F(FolderWatchTest, AFileThatIsMovedAwayIsGone) {
  fs::rename(folder_ / "known.so", folder_ / "known.so.off");

  EXPECT_THAT(rest(), ElementsAre("gone known.so"));
}

TEST_F(FolderWatchTest, AFileThatBecomesAFolderIsSettledAndNotGone) {
  fs::remove(folder_ / "known.so");
  fs::create_directory(folder_ / "known.so");

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, AFileWrittenAnewWithinTheGraceIsSettledAndNotGone) {
  fs::remove(folder_ / "known.so");
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());

  write("known.so", "other");

  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_EQ(until_next(), kSettle);
  EXPECT_THAT(tend_after(1ms), IsEmpty());
  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, TheSameFileBackWithinTheGraceTellsNothing) {
  fs::create_hard_link(folder_ / "known.so", folder_ / "known.keep");
  fs::remove(folder_ / "known.so");
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());

  fs::create_hard_link(folder_ / "known.keep", folder_ / "known.so");

  EXPECT_THAT(rest(), IsEmpty());
}

TEST_F(FolderWatchTest, TheSameFileBackAfterTheGraceIsSettled) {
  fs::create_hard_link(folder_ / "known.so", folder_ / "known.keep");
  fs::remove(folder_ / "known.so");
  EXPECT_THAT(rest(), ElementsAre("gone known.so"));

  fs::create_hard_link(folder_ / "known.keep", folder_ / "known.so");

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, AFileThatIsMovedAwayAndBackIsToldForItsContentMayBeAnother) {
  fs::rename(folder_ / "known.so", folder_ / "known.so~");
  EXPECT_THAT(tend(), IsEmpty());

  fs::rename(folder_ / "known.so~", folder_ / "known.so");

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
}

TEST_F(FolderWatchTest, TheGraceCountsContinuousAbsence) {
  fs::remove(folder_ / "known.so");
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());

  write("known.so", "short");
  fs::remove(folder_ / "known.so");  // never seen, but the events tell

  EXPECT_THAT(tend_after(1ms), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());
  EXPECT_THAT(tend_after(1ms), ElementsAre("gone known.so"));
}

TEST_F(FolderWatchTest, AFileThatGoesBeforeItRestedIsNeverTold) {
  write("new.so", "1");
  EXPECT_THAT(tend(), IsEmpty());
  fs::remove(folder_ / "new.so");

  EXPECT_THAT(rest(), IsEmpty());
  EXPECT_THAT(tend_after(kLookEvery), IsEmpty());
}

// ---- Files that do not rest

TEST_F(FolderWatchTest, AFileThatKeepsChangingIsRestlessOnce) {
  std::ofstream file(folder_ / "busy.so", std::ios::binary);
  const auto change_for = [&](milliseconds time) {
    Told told;
    for (milliseconds passed = 0ms; passed < time; passed += 100ms) {
      for (std::string& one : tend_after(100ms)) told.push_back(std::move(one));
      file << "x" << std::flush;
      for (std::string& one : tend()) told.push_back(std::move(one));
    }
    return told;
  };
  EXPECT_THAT(tend(), IsEmpty());  // the first change

  EXPECT_THAT(change_for(kRestlessAfter - 100ms), IsEmpty());
  EXPECT_THAT(change_for(100ms), ElementsAre("restless busy.so"));
  EXPECT_THAT(change_for(3 * kRestlessAfter), IsEmpty());
  EXPECT_THAT(rest(), ElementsAre("settled busy.so"));
  EXPECT_THAT(change_for(kRestlessAfter), IsEmpty());  // after the new period's first change
  EXPECT_THAT(change_for(100ms), ElementsAre("restless busy.so"));
}

TEST_F(FolderWatchTest, AFileThatIsBuiltAgainAndAgainIsRestlessAndNotGone) {
  Told told;
  for (milliseconds passed = 0ms; passed <= kRestlessAfter; passed += 100ms) {
    for (const char* name : {"known.so", "new.so"}) {
      fs::remove(folder_ / name);
      if (passed % 200ms == 0ms) rename_into(name, "build");
    }
    for (std::string& one : tend()) told.push_back(std::move(one));
    for (std::string& one : tend_after(100ms)) told.push_back(std::move(one));
  }

  EXPECT_THAT(told, ElementsAre("restless known.so", "restless new.so"));
}

TEST_F(FolderWatchTest, SingleChangesWithRestInBetweenAreNotRestless) {
  for (milliseconds passed = 0ms; passed <= 2 * kRestlessAfter; passed += kSettle) {
    write("known.so", fmt::format("{}", passed.count()));
    EXPECT_THAT(tend(), IsEmpty());
    EXPECT_THAT(tend_after(kSettle), ElementsAre("settled known.so"));
  }
}

// ---- The folder itself

TEST_F(FolderWatchTest, AnotherFolderOfTheNameIsWatchedInItsPlace) {
  const int fd = watch_->fd();
  write("stays.so", "1");
  EXPECT_THAT(rest(), ElementsAre("settled stays.so"));
  temporary_.write("next/stays.so", "2");
  temporary_.write("next/new.so", "1");
  fs::rename(folder_, temporary_ / "previous");
  fs::rename(temporary_ / "next", folder_);

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("settled new.so", "settled stays.so", "gone known.so"));

  temporary_.write("previous/known.so", "nobody cares");
  EXPECT_FALSE(is_readable());
  write("new.so", "2");
  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
  EXPECT_EQ(watch_->fd(), fd);
}

TEST_F(FolderWatchTest, AFolderThatIsMissingHasNoFilesAndIsFoundAgain) {
  fs::remove_all(folder_);

  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("gone known.so"));
  write("known.so", "known");
  EXPECT_FALSE(is_readable());
  clock_.advance(kLookEvery);
  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
  write("new.so", "1");
  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, AFolderThatIsDeletedAndMadeAnewIsWatched) {
  fs::remove_all(folder_);
  write("known.so", "other");  // many file systems give the folder the same inode again

  EXPECT_THAT(rest(), ElementsAre("settled known.so"));
  write("new.so", "1");
  EXPECT_TRUE(is_readable(10s));
  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, AFolderThatIsBackWithinTheGraceTellsNothing) {
  fs::rename(folder_, temporary_ / "away");
  EXPECT_THAT(tend(), IsEmpty());
  EXPECT_THAT(tend_after(kGrace - 1ms), IsEmpty());
  fs::rename(temporary_ / "away", folder_);

  EXPECT_THAT(tend_after(1ms), IsEmpty());
  EXPECT_THAT(rest(), IsEmpty());
  write("known.so", "other");
  EXPECT_TRUE(is_readable(10s));
}

TEST_F(FolderWatchTest, AFolderThatIsALinkIsFollowedWhereItLeads) {  // releases/1, releases/2
  temporary_.write("next/new.so", "1");
  fs::rename(folder_, temporary_ / "previous");
  fs::create_directory_symlink("previous", folder_);
  open({});

  fs::remove(folder_);
  fs::create_directory_symlink("next", folder_);

  EXPECT_FALSE(is_readable());  // nobody tells that
  clock_.advance(kLookEvery);
  EXPECT_THAT(rest(), ElementsAre("settled new.so", "gone known.so"));
  write("new.so", "2");
  EXPECT_TRUE(is_readable(10s));
}

TEST_F(FolderWatchTest, WhenEventsAreLostTheFolderIsLookedAt) {
  long events_max = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> events_max;
  if (events_max > 100'000) GTEST_SKIP() << "a queue of " << events_max << " events";
  const std::string files[] = {write("one.txt", ""), write("two.txt", "")};
  EXPECT_THAT(rest(), IsEmpty());
  for (long n = 0; n <= events_max; ++n)  // in turn, for equal ones in a row are counted once
    ASSERT_EQ(::chmod(files[n % 2].c_str(), 0600), 0);

  write("new.so", "1");  // the queue is full

  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, AFolderThatCannotBeReadIsAsItWas) {
  write("new.so", "1");

  EXPECT_THAT(without_descriptors([this] { return tend(); }), IsEmpty());
  for (int looks = 0; looks < 3; ++looks)
    EXPECT_THAT(without_descriptors([this] { return tend_after(kLookEvery); }), IsEmpty());

  clock_.advance(kLookEvery);
  EXPECT_THAT(rest(), ElementsAre("settled new.so"));
}

TEST_F(FolderWatchTest, AFileThatCannotBeLookedAtIsAsItWas) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else and back";
  const fs::path target = temporary_.write("closed/1.so", "1");
  fs::create_symlink(target, folder_ / "link.so");
  EXPECT_THAT(rest(), ElementsAre("settled link.so"));
  fs::permissions(temporary_.path(), static_cast<fs::perms>(0755));
  fs::permissions(folder_, static_cast<fs::perms>(0755));
  fs::permissions(temporary_ / "closed", static_cast<fs::perms>(0700));
  fs::remove(folder_ / "known.so");

  ASSERT_EQ(::seteuid(65534), 0);
  const Told told = rest();
  const Told later = tend_after(kLookEvery);
  ASSERT_EQ(::seteuid(0), 0);

  EXPECT_THAT(told, ElementsAre("gone known.so"));
  EXPECT_THAT(later, IsEmpty());
}

}  // namespace
}  // namespace hookhost::plugin
