// SPDX-License-Identifier: Apache-2.0
//
// What is opened as a journal, and what is refused, with which sentence? A file that is refused
// stays as it was.
#include "store/sqlite_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "journal_suite.h"
#include "store/journal_folder.h"
#include "store/schema.h"
#include "store/sqlite_database.h"

namespace hookhost::store::test {
namespace {

using ::hookhost::test::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

class JournalFolderTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Journal>> open() {
    return open_sqlite_journal({.folder = folder()}, clock_);
  }
  std::filesystem::path folder() const { return dir_ / "journal"; }
  std::filesystem::path file() const { return folder() / "journal.db"; }
  // A journal with some events, whose host has ended.
  void make_journal() {
    auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    Answers answers;
    for (std::uint64_t i = 1; i <= 100; ++i) {
      NewEvent event = event_of(i);
      event.body.resize(2'000, 'x');
      ASSERT_TRUE((*opened)->append(std::move(event), answers.collect()));
    }
    (*opened)->flush();
    ASSERT_THAT(answers.all(), SizeIs(100));
  }
  std::string bytes() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const {
    std::filesystem::create_directories(folder());
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  }
  void execute(const char* sql) const {
    auto database = Database::open(file(), Database::Access::kWrite, {});
    ASSERT_TRUE(database);
    const auto done = database->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  // One clear line, and not a byte is another.
  void expect_refused(std::string_view why) {
    const std::string before = bytes();
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(opened.error().message, HasSubstr(std::string(why)));
    EXPECT_THAT(opened.error().message, HasSubstr(file().string()));
    EXPECT_THAT(opened.error().message, Not(HasSubstr("\n")));
    EXPECT_EQ(bytes(), before);
  }

  TempDir dir_;
  hookhost::test::FakeClock clock_;
};

TEST_F(JournalFolderTest, IsMadeForItsUserAlone) {
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;

  struct stat status {};
  ASSERT_EQ(::stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  for (const char* name : {"journal.db", "journal.db-wal", ".lock"}) {
    ASSERT_EQ(::stat((folder() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(JournalFolderTest, BelongsToOneHostAtATime) {
  auto first = open();
  ASSERT_TRUE(first);

  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("another process has it"));

  first->reset();
  EXPECT_TRUE(open());
}

TEST_F(JournalFolderTest, IsAFolder) {
  std::ofstream(folder()) << "a file";

  const auto opened = open();

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalid);
}

TEST_F(JournalFolderTest, IsWritable) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  make_journal();
  std::filesystem::permissions(folder(), std::filesystem::perms(0500));
  std::filesystem::permissions(folder() / ".lock", std::filesystem::perms(0400));

  const auto opened = open();

  std::filesystem::permissions(folder(), std::filesystem::perms(0700));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kDenied);
}

TEST(NetworkFileSystem, IsToldByItsNumber) {
  EXPECT_EQ(network_file_system(NFS_SUPER_MAGIC), "NFS");
  EXPECT_EQ(network_file_system(SMB2_SUPER_MAGIC), "SMB2");
  EXPECT_EQ(network_file_system(V9FS_MAGIC), "9p");
  EXPECT_EQ(network_file_system(EXT4_SUPER_MAGIC), std::nullopt);
  EXPECT_EQ(network_file_system(TMPFS_MAGIC), std::nullopt);
  EXPECT_EQ(network_file_system(BTRFS_SUPER_MAGIC), std::nullopt);
}

TEST_F(JournalFolderTest, RefusesAFileThatIsNoDatabase) {
  write(std::string(10'000, 'x'));

  expect_refused("file is not a database");
}

TEST_F(JournalFolderTest, RefusesTheDatabaseOfSomebodyElse) {
  write("");
  execute("CREATE TABLE theirs(a); PRAGMA application_id=1");

  expect_refused("is a database, but no journal of hookhost");
}

TEST_F(JournalFolderTest, RefusesANewerVersion) {
  make_journal();
  execute("PRAGMA user_version=2; PRAGMA wal_checkpoint(TRUNCATE)");

  expect_refused("is of version 2, and this hookhost knows 1");
}

TEST_F(JournalFolderTest, RefusesAFileWhoseTailWasCut) {
  make_journal();
  const std::string whole = bytes();
  for (const std::size_t left : {whole.size() - 1, whole.size() / 2, std::size_t{8192}}) {
    SCOPED_TRACE(left);
    write(whole.substr(0, left));

    expect_refused("");
  }
}

TEST_F(JournalFolderTest, RefusesAZeroedPage) {
  make_journal();
  const std::string whole = bytes();
  constexpr std::size_t kPage = 8192;
  for (std::size_t page = 1; page * kPage < whole.size(); ++page) {
    SCOPED_TRACE(page);
    std::string damaged = whole;
    damaged.replace(page * kPage, kPage, kPage, '\0');
    write(damaged);

    expect_refused("");
  }
}

// Some bits count for nobody (counters, who wrote it); none may crash, or lose what is there.
TEST_F(JournalFolderTest, SurvivesAFlippedBitOfTheHeader) {
  make_journal();
  const std::string whole = bytes();
  unsigned refused = 0;
  for (std::size_t at = 0; at < 100; ++at) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    write(damaged);
    for (const char* beside : {"journal.db-wal", "journal.db-shm"}) {
      std::filesystem::remove(folder() / beside);
    }

    auto opened = open();
    if (!opened) {
      ++refused;
      continue;
    }
    const auto page = (*opened)->page({}, 0, 200);
    if (page) {
      EXPECT_THAT(*page, SizeIs(100));
    }
  }
  EXPECT_GT(refused, 20U);
}

TEST(Schema, IsWhatItsPageSays) {
  std::ifstream in(HOOKHOST_TEST_DATA "/../../host/store/SCHEMA.md");
  std::stringstream page;
  page << in.rdbuf();
  auto database = Database::open(":memory:", Database::Access::kWrite, {});
  ASSERT_TRUE(database);
  ASSERT_TRUE(make_schema(*database, "journal"));

  auto statement = database->prepare(
      "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' UNION"
      " SELECT c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'");
  ASSERT_TRUE(statement);
  Rows rows = statement->query();
  unsigned names = 0;
  for (auto row = rows.next(); row && *row; row = rows.next(), ++names) {
    const std::string name(rows.text(0));
    const bool is_named = page.str().find("`" + name + "`") != std::string::npos ||
                          page.str().find("`" + name + "(") != std::string::npos ||
                          name == "event_id";
    EXPECT_TRUE(is_named) << name;
  }
  EXPECT_GT(names, 20U);
}

}  // namespace
}  // namespace hookhost::store::test
