// SPDX-License-Identifier: Apache-2.0
//
// Is a note that contradicts its plugin refused by the name of the member, and every other taken?
#include "plugin/manifest_note.h"

#include <gtest/gtest.h>

#include <string>

namespace hookhost::plugin {
namespace {

class ManifestNote : public testing::Test {
 protected:
  ManifestNote() {
    endpoint_.path = {"/late", 5};
    manifest_.id = "retrain";
    manifest_.version = "1.2.0";
    manifest_.build_id = "9c1e";
    manifest_.abi_minor_required = 0;
    manifest_.endpoints.resize(1);
    manifest_.endpoints[0].table = &endpoint_;
    manifest_.endpoints[0].name = "late";
    manifest_.endpoints[0].path = "/webhooks/late";
  }
  // What is wrong, "": nothing.
  std::string verdict(std::string_view json) const {
    const Status status = check_manifest_note(json, manifest_);
    return status ? std::string() : status.error().message;
  }

  hookhost_endpoint endpoint_{};
  Manifest manifest_;
};

TEST_F(ManifestNote, MayBeMissingEmptyOrTrue) {
  for (const char* json : {"", "{}", R"({"id":"retrain"})", R"({"abi_minor_required":0})",
                           R"({"endpoints":[{}]})", R"({"something":"else"})",
                           R"({"id":"retrain","version":"1.2.0","build_id":"9c1e",)"
                           R"("endpoints":[{"name":"late","path":"/late"}]})"})
    EXPECT_EQ(verdict(json), "") << json;
}

TEST_F(ManifestNote, ThatDiffersIsRefusedByTheNameOfTheMember) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"id":"other"})", "manifest note: id is \"other\", the plugin says \"retrain\""},
      {R"({"version":"1.2"})", "manifest note: version is \"1.2\", the plugin says \"1.2.0\""},
      {R"({"build_id":"9c1f"})", "manifest note: build_id is \"9c1f\", the plugin says \"9c1e\""},
      {R"({"abi_minor_required":1})",
       "manifest note: abi_minor_required is \"1\", the plugin says \"0\""},
      {R"({"endpoints":[]})", "manifest note: endpoints has 0 elements, the plugin has 1"},
      {R"({"endpoints":[{"name":"soon"}]})",
       "manifest note: endpoints[0].name is \"soon\", the plugin says \"late\""},
      {R"({"endpoints":[{"path":"/soon"}]})",
       "manifest note: endpoints[0].path is \"/soon\", the plugin says \"/late\""}};
  for (const auto& [json, reason] : rows) EXPECT_EQ(verdict(json), reason);
}

TEST_F(ManifestNote, ThatIsNoObjectIsRefused) {
  for (const char* json : {"[]", "{", "id=retrain", "7"})
    EXPECT_EQ(verdict(json), "manifest note: it is not a JSON object") << json;
}

}  // namespace
}  // namespace hookhost::plugin
