// SPDX-License-Identifier: Apache-2.0
//
// Do the plugins that were compiled at earlier releases still do their work, on a host table of
// today? Loaded as files, as they were released.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace hookhost {
namespace {

class Library {
 public:
  explicit Library(const std::filesystem::path& path)
      : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
  }
  ~Library() { dlclose(handle_); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  const hookhost_plugin* plugin() const {
    using Entry = const hookhost_plugin*(HOOKHOST_CALL*)(std::uint32_t);
    return reinterpret_cast<Entry>(dlsym(handle_, "hookhost_entry_v1"))(HOOKHOST_ABI_MINOR);
  }

 private:
  void* handle_;
};

class Frozen : public ::testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path library(const std::string& name) const {
    return std::filesystem::path(HOOKHOST_FROZEN) / GetParam() / "x86_64" / (name + ".so");
  }
  std::string event() const {
    return test::hub_event({.repo_type = "dataset", .repo_name = "user/cats", .comment = "hi"});
  }
};

TEST_P(Frozen, PluginInCWorks) {
  const Library library(this->library("frozen_c"));
  test::Host host(library.plugin());

  const auto echo = host.post("frozen_c_echo", "bytes");
  EXPECT_EQ(echo.body, "bytes");
  EXPECT_EQ(echo.header("X-Build"), "frozen_c " + GetParam());
  const std::string summary = "dataset user/cats 0 tags, likes -1, comment 1";
  EXPECT_EQ(host.post("frozen_c_hub", event()).body, summary);
  EXPECT_EQ(host.post("frozen_c_later", event()).body, summary);
  EXPECT_EQ(host.post("frozen_c_count", "").body, "1");
  EXPECT_EQ(host.post("frozen_c_count", "").body, "2");
}

TEST_P(Frozen, PluginInCppWorks) {
  const Library library(this->library("frozen_cpp"));
  test::Host host(library.plugin(), {.config = R"({"greeting":"hi"})"});
  const std::string build = R"({"build":"frozen_cpp )" + GetParam() + "\",";

  EXPECT_EQ(host.post("frozen_cpp_echo", "bytes").header("X-Build"), "frozen_cpp " + GetParam());
  EXPECT_EQ(host.post("frozen_cpp_hub/blue", event()).body,
            build + R"("team":"blue","type":"dataset","name":"user/cats","tags":[],)"
                    R"("likes":-1,"comment":"hi"})");
  EXPECT_EQ(host.post("frozen_cpp_task", event()).body, build + R"("bytes":9,"slept":true})");
  EXPECT_EQ(host.post("frozen_cpp_throws", "{}").error, "frozen_cpp throws on purpose");
  EXPECT_EQ(host.post("frozen_cpp_state", "").body, build + R"("count":1,"kv":1,"greeting":"hi"})");
  EXPECT_EQ(host.metric("calls"), 1);
}

std::vector<std::string> releases() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(HOOKHOST_FROZEN)) {
    if (entry.is_directory()) found.push_back(entry.path().filename().string());
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(Releases, Frozen, ::testing::ValuesIn(releases()),
                         [](const auto& release) {
                           return std::string("Abi") + release.param[0] + "x" +
                                  release.param.substr(2);
                         });

}  // namespace
}  // namespace hookhost
