// SPDX-License-Identifier: Apache-2.0
//
// Whatever arrives in the folder of a host that serves: does the host live, does the build before
// go on answering, does the operator read once what is wrong, and does `hookhost check` say no?
#include <elf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <iterator>

#include "e2e/swap_fixture.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr std::string_view kRefused = R"("msg":"plugin refused")";

fs::path bad_plugin(std::string_view name) {
  return fs::path(BAD_PLUGINS) / fmt::format("{}.so", name);
}

std::string content_of(const fs::path& file) {
  std::ifstream bytes(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(bytes), std::istreambuf_iterator<char>()};
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The JSON string behind `before`, as it is written; "": there is none.
std::string string_behind(std::string_view json, std::string_view before) {
  const std::size_t begin = json.find(before);
  if (begin == json.npos) return {};
  json.remove_prefix(begin + before.size());
  std::size_t end = 0;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return std::string(json.substr(0, end));
}

// The host of the fixture, with an asker on its loop and one in its pool, who may see the first
// generation and the one after.
class HostileSwap : public SwapFixture {
 protected:
  HostileSwap()
      : on_loop_(host_->process().port(), "/webhooks/on_loop", 2),
        in_pool_(host_->process().port(), "/webhooks/in_pool", 2) {}

  // The record of the refusal, whole.
  std::string wait_for_refusal() {
    EXPECT_TRUE(wait_for_line(kRefused)) << host_->output();
    const std::string output = host_->output();
    const std::size_t at = std::min(output.find(kRefused), output.size());
    return output.substr(at, output.find('\n', at) - at);
  }
  // The API shows the refusal, with the reason that was told.
  void expect_listed(std::string_view name, std::string_view record) {
    const std::string listed = host_->get_admin("/api/v1/plugins").body;
    const std::string told = string_behind(record, R"("reason":")");
    EXPECT_NE(told, "") << record;
    EXPECT_EQ(string_behind(listed, fmt::format(R"({{"file":"{}","reason":")", name)), told)
        << listed;
    const std::string history = host_->get_admin("/api/v1/swaps").body;
    EXPECT_THAT(history, HasSubstr(fmt::format(R"("reason":"{}")", told)));
  }
  void expect_service() {
    on_loop_.stop();
    in_pool_.stop();
    EXPECT_EQ(on_loop_.watch().wrong(), "") << host_->output();
    EXPECT_EQ(in_pool_.watch().wrong(), "");
  }
  // A new text beside, then renamed into place.
  void install_bytes(std::string_view bytes) {
    fs::rename(folder_.write("plugins/identity.so.tmp", bytes, 0700), file());
  }
  // A link in one step.
  void install_link(const fs::path& target) {
    fs::create_symlink(target, folder_ / "plugins/identity.so.tmp");
    fs::rename(folder_ / "plugins/identity.so.tmp", file());
  }

  Asker on_loop_, in_pool_;
};

// ---- Hostile files

struct HostileFile {
  std::string name;
  std::string reason;  // a part of it, as JSON
  // Puts it in the place of identity.so; default: renames the bad plugin of that name there.
  std::function<void(class HostileFileTest&)> put = {};
  bool needs_root = false;
};

class HostileFileTest : public HostileSwap, public ::testing::WithParamInterface<HostileFile> {
 public:
  using HostileSwap::file;
  using HostileSwap::folder_;
  using HostileSwap::install;
  using HostileSwap::install_bytes;
  using HostileSwap::install_link;
};

TEST_P(HostileFileTest, IsRefusedOnceWhileTheBuildBeforeAnswers) {
  const HostileFile& hostile = GetParam();
  if (hostile.needs_root && ::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";

  if (hostile.put) {
    hostile.put(*this);
  } else {
    install_file(bad_plugin(hostile.name));
  }

  const std::string record = wait_for_refusal();
  EXPECT_THAT(record, HasSubstr(R"("plugin":"identity.so","generation":1)"));
  EXPECT_THAT(record, HasSubstr(hostile.reason));
  EXPECT_EQ(answer(), R"("a 1")");
  expect_listed("identity.so", record);
  const auto checked = hookhost({"check", "--json", file()});
  EXPECT_EQ(checked.exit_code, 1) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(hostile.reason));

  // What comes after it shows that there was no second refusal, and that the file is free again.
  fs::permissions(folder_ / "plugins", fs::perms::owner_all);
  const fs::path next = copy_beside(plugin_file("identity_b"));
  if (fs::is_directory(fs::symlink_status(file())))
    fs::remove(file());  // no file can be renamed over it
  fs::rename(next, file());
  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
  expect_service();
  EXPECT_EQ(count(host_->output(), kRefused), 1u) << host_->output();
}

// A good plugin with that in its header.
auto with_header(void (*edit)(Elf64_Ehdr&)) {
  return [edit](HostileFileTest& test) {
    std::string bytes = content_of(bad_plugin("good"));
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    edit(header);
    std::memcpy(bytes.data(), &header, sizeof header);
    test.install_bytes(bytes);
  };
}

INSTANTIATE_TEST_SUITE_P(
    NotOurs, HostileFileTest,
    ::testing::Values(
        HostileFile{"empty", "the file is empty", [](auto& test) { test.install_bytes(""); }},
        HostileFile{"text", "not an ELF file",
                    [](auto& test) { test.install_bytes("#!/bin/sh\nexit 0\n"); }},
        HostileFile{"folder", "is a folder",
                    [](auto& test) {
                      fs::remove(test.file());
                      fs::create_directory(test.file());
                    }},
        HostileFile{"dangling_link", "No such file or directory",
                    [](auto& test) { test.install_link("nowhere.so"); }},
        HostileFile{"link_to_itself", "leads through more than 40 links",
                    [](auto& test) { test.install_link("identity.so"); }},
        HostileFile{"pipe", "is not a regular file",
                    [](auto& test) {
                      fs::remove(test.file());
                      ASSERT_EQ(::mkfifo(test.file().c_str(), 0600), 0);
                    }},
        HostileFile{"elf_of_32_bits", "EI_CLASS is 1, needed is 2 (64 bits)",
                    with_header([](Elf64_Ehdr& header) { header.e_ident[EI_CLASS] = 1; })},
        HostileFile{"other_machine", "e_machine is 243 (risc-v)",
                    with_header([](Elf64_Ehdr& header) { header.e_machine = EM_RISCV; })},
        HostileFile{"program", "e_type is 2, needed is 3",
                    with_header([](Elf64_Ehdr& header) { header.e_type = ET_EXEC; })},
        HostileFile{"cut_in_half", "the file is not complete",
                    [](auto& test) {
                      const std::string whole = content_of(bad_plugin("good"));
                      test.install_bytes(std::string_view(whole).substr(0, whole.size() / 2));
                    }},
        HostileFile{"zeroed_tail", "the end of the file is damaged",
                    [](auto& test) {
                      std::string bytes = content_of(bad_plugin("good"));
                      std::fill(bytes.end() - 64, bytes.end(), '\0');
                      test.install_bytes(bytes);
                    }},
        HostileFile{"no_entry", "it exports no symbol hookhost_entry_v1"},
        HostileFile{"other_major", "needs ABI 2, this host speaks 1."},
        HostileFile{"minor_too_new", "needs ABI 1.3, this host speaks 1."},
        HostileFile{"short_struct", "struct_size is 64, needed is at least "},
        HostileFile{"null_table", "hookhost_entry_v1(0) returned NULL"},
        HostileFile{"null_handle", "endpoints[0].handle is NULL, needed is a function"},
        HostileFile{"garbage_id", "id has 18446744073709551615 bytes"},
        HostileFile{"undefined_symbol", "undefined symbol: nobody_defines_this"},
        HostileFile{"missing_library", "libgone.so: cannot open shared object file"},
        HostileFile{"text_relocation", "it has text relocations (DT_TEXTREL)"},
        HostileFile{"exec_stack", "it asks for an executable stack"}),
    [](const auto& test) { return test.param.name; });

// Where a sanitizer has a word of its own for the end, only the step is compared.
INSTANTIATE_TEST_SUITE_P(
    Constructor, HostileFileTest,
    ::testing::Values(
        HostileFile{"aborts_in_constructor", "crashed with signal 6 (Aborted) during loading"},
        HostileFile{"exits_in_constructor", " during loading"},
        HostileFile{"throws_in_constructor", " during loading"},
        HostileFile{"sleeps_in_constructor", "did not come back from loading within 5 s"},
        HostileFile{"closes_descriptors", "create"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    LifeCycle, HostileFileTest,
    ::testing::Values(HostileFile{"create_fails", R"(create failed: the model \"m\" is not there)"},
                      HostileFile{"create_throws", "create threw an exception: out of luck"},
                      HostileFile{"crashes_in_create", " during create"},
                      HostileFile{"changes_process",
                                  "create changed the working directory, the umask, the locale, "
                                  "the signal mask, a signal handler of the whole process"},
                      HostileFile{"never_returns", "did not come back from create within 5 s"},
                      HostileFile{"activate_fails", "activate failed: port 9 is taken"},
                      HostileFile{"note_differs", "manifest note: version is "},
                      HostileFile{"leaves_thread", "a thread of it still runs after destroy"},
                      HostileFile{"selftest_fails", "the self-test failed: no GPU"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Permission, HostileFileTest,
    ::testing::Values(
        HostileFile{"writable_by_its_group", "is writable by its group (mode 0664)",
                    [](auto& test) {
                      test.install_bytes(content_of(plugin_file("identity_b")));
                      fs::permissions(test.file(), static_cast<fs::perms>(0664));
                    }},
        HostileFile{"writable_by_all", "is writable by everybody (mode 0666)",
                    [](auto& test) {
                      test.install_bytes(content_of(plugin_file("identity_b")));
                      fs::permissions(test.file(), static_cast<fs::perms>(0666));
                    }},
        HostileFile{"folder_writable_by_all", R"(/plugins\" is writable by everybody (mode 0777))",
                    [](auto& test) {
                      fs::permissions(test.folder_ / "plugins", static_cast<fs::perms>(0777));
                      test.install("identity_b");
                    }},
        HostileFile{"foreign_owner", "belongs to user 4711, needed is root or user 0",
                    [](auto& test) {
                      test.install("identity_b");
                      ASSERT_EQ(::chown(test.file().c_str(), 4711, 4711), 0);
                    },
                    true},
        HostileFile{"link_to_a_file_of_all", "is writable by everybody (mode 0666)",
                    [](auto& test) {
                      const fs::path target =
                          test.folder_.write("builds/b.so", content_of(plugin_file("identity_b")));
                      fs::permissions(target, static_cast<fs::perms>(0666));
                      test.install_link(target);
                    }},
        HostileFile{"link_through_a_folder_of_all",
                    R"(/builds\" is writable by everybody (mode 0777))",
                    [](auto& test) {
                      const fs::path target =
                          test.folder_.write("builds/b.so", content_of(plugin_file("identity_b")));
                      fs::permissions(test.folder_ / "builds", static_cast<fs::perms>(0777));
                      test.install_link("../builds/b.so");
                    }}),
    [](const auto& test) { return test.param.name; });

// The host runs a copy: what becomes of the file that it was made from is nothing to it.
INSTANTIATE_TEST_SUITE_P(
    AfterLoading, HostileFileTest,
    ::testing::Values(HostileFile{"truncated_to_nothing", "the file is empty",
                                  [](auto& test) { fs::resize_file(test.file(), 0); }},
                      HostileFile{"truncated_to_a_page", "the file is not complete",
                                  [](auto& test) { fs::resize_file(test.file(), 4096); }},
                      HostileFile{"overwritten_with_zeroes", "not an ELF file",
                                  [](auto& test) {
                                    std::ofstream bytes(test.file(), std::ios::binary |
                                                                         std::ios::in |
                                                                         std::ios::out);
                                    bytes << std::string(fs::file_size(test.file()), '\0');
                                  }}),
    [](const auto& test) { return test.param.name; });

TEST_F(HostileSwap, ManyBadFilesAtOnceAreRefusedEachAndHoldNoGoodOneBack) {
  const char* const names[] = {"aborts_in_constructor", "create_fails",    "crashes_in_create",
                               "exits_in_constructor",  "missing_library", "no_entry",
                               "short_struct",          "text_relocation", "undefined_symbol"};
  for (const char* name : names) {
    const fs::path unnamed = folder_ / fmt::format("plugins/{}.tmp", name);
    fs::copy_file(bad_plugin(name), unnamed);
    fs::permissions(unnamed, fs::perms::owner_all);
    fs::rename(unnamed, folder_ / fmt::format("plugins/{}.so", name));
  }
  install("identity_b");

  wait_for("b");
  for (const char* name : names) {
    const std::string begin = fmt::format(R"({},"plugin":"{}.so")", kRefused, name);
    EXPECT_TRUE(wait_for_line(begin)) << name;
    const std::string output = host_->output();
    expect_listed(fmt::format("{}.so", name),
                  output.substr(std::min(output.find(begin), output.size())));
  }
  EXPECT_EQ(answer(), R"("b 2")");
  expect_service();
  EXPECT_EQ(count(host_->output(), kRefused), std::size(names)) << host_->output();
}

// Each is well alone: what is wrong is that another one is there already.
class TakenNameTest : public HostileSwap,
                      public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(TakenNameTest, IsRefusedOnceWhileBothBuildsBeforeAnswer) {
  const auto& [plugin, reason] = GetParam();
  fs::copy_file(bad_plugin("good"), folder_ / "plugins/good.so");
  fs::permissions(folder_ / "plugins/good.so", fs::perms::owner_all);
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"good.so")"));

  install_file(bad_plugin(plugin));

  const std::string record = wait_for_refusal();
  EXPECT_THAT(record, HasSubstr(reason));
  expect_listed("identity.so", record);
  EXPECT_EQ(answer(), R"("a 1")");
  EXPECT_EQ(host_->post("/webhooks/good", "{}").status, 200);
  EXPECT_THAT(host_->get_admin("/metrics").body,
              HasSubstr(R"(hookhost_swaps_total{result="refused",reason="conflict"} 1)"));
  install("identity_b");
  wait_for("b");
  expect_service();
  EXPECT_EQ(count(host_->output(), kRefused), 1u) << host_->output();
}

INSTANTIATE_TEST_SUITE_P(
    By, TakenNameTest,
    ::testing::Values(std::pair("route_conflict", "Webhook /webhooks/good already exists."),
                      std::pair("same_id", R"(plugin id \"good\" is taken by good.so)")),
    [](const auto& test) { return std::string(test.param.first); });

// ---- Ways to arrive

struct Arrival {
  const char* name;
  void (*bring)(class ArrivalTest&);
};

class ArrivalTest : public HostileSwap, public ::testing::WithParamInterface<Arrival> {
 public:
  using HostileSwap::answer;
  using HostileSwap::copy_beside;
  using HostileSwap::copy_in_place;
  using HostileSwap::file;
  using HostileSwap::folder_;
  using HostileSwap::install;
  using HostileSwap::install_link;
};

// Half a file may come to rest and be refused meanwhile; that is said and harms nothing.
TEST_P(ArrivalTest, BringsTheNextBuildAndNothingElse) {
  GetParam().bring(*this);

  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
  expect_service();
}

void arrive_in_slices(ArrivalTest& test) {  // dd
  const std::string bytes = content_of(plugin_file("identity_b"));
  std::ofstream to(test.file(), std::ios::binary | std::ios::trunc);
  constexpr std::size_t kSlices = 10;
  for (std::size_t n = 0; n < kSlices; ++n) {
    EXPECT_EQ(test.answer(), R"("a 1")") << n;
    const std::size_t begin = bytes.size() * n / kSlices;
    to << bytes.substr(begin, bytes.size() * (n + 1) / kSlices - begin) << std::flush;
  }
}

void arrive_by_a_switched_folder(ArrivalTest& test) {  // Kubernetes
  for (const char build : {'a', 'b'})
    test.folder_.write(fmt::format("plugins/..{}/identity.so", build),
                       content_of(plugin_file(fmt::format("identity_{}", build))), 0700);
  fs::create_symlink("..a", test.folder_ / "plugins/..data");
  test.install_link("..data/identity.so");  // the bytes that serve
  EXPECT_EQ(test.answer(), R"("a 1")");

  fs::create_symlink("..b", test.folder_ / "plugins/..data_tmp");
  fs::rename(test.folder_ / "plugins/..data_tmp", test.folder_ / "plugins/..data");
}

void arrive_after_many_touches(ArrivalTest& test) {
  for (int n = 0; n < 100; ++n) {
    fs::last_write_time(test.file(), fs::file_time_type::clock::now());
    EXPECT_EQ(test.answer(), R"("a 1")");
  }
  test.install("identity_b");  // the second generation: none of them made one
}

void arrive_with_the_folder(ArrivalTest& test) {
  fs::create_directory(test.folder_ / "next");
  fs::copy_file(plugin_file("identity_b"), test.folder_ / "next/identity.so");
  fs::permissions(test.folder_ / "next/identity.so", fs::perms::owner_all);
  fs::rename(test.folder_ / "plugins", test.folder_ / "previous");
  fs::rename(test.folder_ / "next", test.folder_ / "plugins");
}

INSTANTIATE_TEST_SUITE_P(
    By, ArrivalTest,
    ::testing::Values(Arrival{"rename", [](ArrivalTest& test) { test.install("identity_b"); }},
                      Arrival{"copy_in_place",
                              [](ArrivalTest& test) {
                                ArrivalTest::copy_in_place(plugin_file("identity_b"), test.file());
                              }},
                      Arrival{"slices", arrive_in_slices},
                      Arrival{"link",  // ln -sf: removed and made anew
                              [](ArrivalTest& test) {
                                const fs::path target = test.folder_.write(
                                    "builds/b.so", content_of(plugin_file("identity_b")), 0700);
                                fs::remove(test.file());
                                fs::create_symlink(target, test.file());
                              }},
                      Arrival{"link_in_one_step",
                              [](ArrivalTest& test) {
                                test.folder_.write("builds/b.so",
                                                   content_of(plugin_file("identity_b")), 0700);
                                test.install_link("../builds/b.so");
                              }},
                      Arrival{"switched_folder", arrive_by_a_switched_folder},
                      Arrival{"delete_and_create",
                              [](ArrivalTest& test) {
                                const fs::path next = test.copy_beside(plugin_file("identity_b"));
                                fs::remove(test.file());
                                fs::rename(next, test.file());
                              }},
                      Arrival{"many_touches", arrive_after_many_touches},
                      Arrival{"folder", arrive_with_the_folder}),
    [](const auto& test) { return std::string(test.param.name); });

// The same library fifty times, each with an id and a route of its own.
TEST_F(HostileSwap, FiftyFilesAtOnceAllServe) {
  constexpr int kFiles = 50;
  constexpr std::string_view kName = "numbered_00";
  const std::string original = content_of(plugin_file("numbered"));
  const auto name_of = [](int n) { return fmt::format("numbered_{:02}", n); };
  for (int n = 0; n < kFiles; ++n) {
    std::string bytes = original;
    for (std::size_t at = bytes.find(kName); at != bytes.npos; at = bytes.find(kName, at + 1))
      bytes.replace(at, kName.size(), name_of(n));
    folder_.write(fmt::format("plugins/{}.so", name_of(n)), bytes, 0700);
  }
  install("identity_b");

  wait_for("b");
  for (int n = 0; n < kFiles; ++n) {
    EXPECT_TRUE(wait_for_line(fmt::format(R"("msg":"plugin live","plugin":"{}.so")", name_of(n))))
        << n;
    EXPECT_EQ(host_->post("/webhooks/" + name_of(n), "{}").status, 200) << n;
  }
  expect_service();
}

}  // namespace
}  // namespace hookhost::e2e
