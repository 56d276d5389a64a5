// SPDX-License-Identifier: Apache-2.0
#include "payload/fixtures.h"

#include <algorithm>

namespace hookhost::payload {
namespace {

// Each in the order and with the members that the Hub sends; compact, cut to fit the page.
constexpr Fixture kFixtures[] = {
    {"hf.repo.create", "a repository was created",
     R"({"event":{"action":"create","scope":"repo"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"headSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600","tags":["license:apache-2.0"],"owner":{)"
     R"("id":"61d2000c3c2083e1c08af22d"}},"webhook":{"id":"6390e855e30d9209411de93b",)"
     R"("version":3}})"},
    {"hf.repo.update", "a repository was updated",
     R"({"event":{"action":"update","scope":"repo"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"headSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600","tags":["license:apache-2.0"],"owner":{)"
     R"("id":"61d2000c3c2083e1c08af22d"}},"webhook":{"id":"6390e855e30d9209411de93b",)"
     R"("version":3}})"},
    {"hf.repo.move", "a repository was renamed or moved",
     R"({"event":{"action":"move","scope":"repo"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"headSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600","tags":["license:apache-2.0"],"owner":{)"
     R"("id":"61d2000c3c2083e1c08af22d"}},"movedTo":{"name":"some-org/my-model","owner":{)"
     R"("id":"61d2f90c3c2083e1c08af22d"}},"webhook":{"id":"6390e855e30d9209411de93b",)"
     R"("version":3}})"},
    {"hf.repo.delete", "a repository was deleted",
     R"({"event":{"action":"delete","scope":"repo"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"webhook":{"id":)"
     R"("6390e855e30d9209411de93b","version":3}})"},
    {"hf.content.update", "commits were pushed to a dataset",
     R"({"event":{"action":"update","scope":"repo.content"},"repo":{"type":"dataset","name":)"
     R"("some-user/my-dataset","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/datasets/some-user/my-dataset","api":"https:)"
     R"(//huggingface.co/api/datasets/some-user/my-dataset"},"headSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600","tags":["license:apache-2.0"],"owner":{)"
     R"("id":"61d2000c3c2083e1c08af22d"}},"webhook":{"id":"6390e855e30d9209411de93b",)"
     R"("version":3},"updatedRefs":[{"ref":"refs/heads/main","oldSha":)"
     R"("3d85a3e2b0c6f9a4d5e1c2b3a4958677d8e9f0a1","newSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600"}]})"},
    {"hf.config.update", "settings of a repository changed",
     R"({"event":{"action":"update","scope":"repo.config"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"headSha":)"
     R"("c379e821c9c95d613899e8c4343e4bfee2b0c600","tags":["license:apache-2.0"],"owner":{)"
     R"("id":"61d2000c3c2083e1c08af22d"}},"webhook":{"id":"6390e855e30d9209411de93b",)"
     R"("version":3},"updatedConfig":{"private":false}})"},
    {"hf.discussion.create", "a discussion was opened",
     R"({"event":{"action":"create","scope":"discussion"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"discussion":{"id":)"
     R"("639885d811ae2bad2b7ba461","title":"Hello!","url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model/discussions/3"},"status":"open",)"
     R"("author":{"id":"61d2000c3c2083e1c08af22d"},"isPullRequest":false,"num":3,"pinned":)"
     R"(false},"comment":{"id":"6398872887bfcfb93a306f18","author":{"id":)"
     R"("61d2000c3c2083e1c08af22d"},"content":"This adds an env key","hidden":false,"url":{)"
     R"("web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3#6398872887bfcfb93a306f18"}},)"
     R"("webhook":{"id":"6390e855e30d9209411de93b","version":3}})"},
    {"hf.discussion.update", "a pull request changed its status",
     R"({"event":{"action":"update","scope":"discussion"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"discussion":{"id":)"
     R"("639885d811ae2bad2b7ba461","title":"Hello!","url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model/discussions/3"},"status":"merged",)"
     R"("author":{"id":"61d2000c3c2083e1c08af22d"},"isPullRequest":true,"num":3,"pinned":)"
     R"(false,"changes":{"base":"refs/heads/main"}},"webhook":{"id":)"
     R"("6390e855e30d9209411de93b","version":3}})"},
    {"hf.discussion.delete", "a discussion was deleted",
     R"({"event":{"action":"delete","scope":"discussion"},"repo":{"type":"model","name":)"
     R"("some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{"web":)"
     R"("https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"discussion":{"id":)"
     R"("639885d811ae2bad2b7ba461","title":"Hello!","url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model/discussions/3"},"status":"open",)"
     R"("author":{"id":"61d2000c3c2083e1c08af22d"},"isPullRequest":false,"num":3,"pinned":)"
     R"(false},"webhook":{"id":"6390e855e30d9209411de93b","version":3}})"},
    {"hf.comment.create", "somebody commented",
     R"({"event":{"action":"create","scope":"discussion.comment"},"repo":{"type":"model",)"
     R"("name":"some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{)"
     R"("web":"https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"discussion":{"id":)"
     R"("639885d811ae2bad2b7ba461","title":"Hello!","url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model/discussions/3"},"status":"open",)"
     R"("author":{"id":"61d2000c3c2083e1c08af22d"},"isPullRequest":false,"num":3,"pinned":)"
     R"(false},"comment":{"id":"6398872887bfcfb93a306f18","author":{"id":)"
     R"("61d2000c3c2083e1c08af22d"},"content":"This adds an env key","hidden":false,"url":{)"
     R"("web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3#6398872887bfcfb93a306f18"}},)"
     R"("webhook":{"id":"6390e855e30d9209411de93b","version":3}})"},
    {"hf.comment.update", "a comment was hidden",
     R"({"event":{"action":"update","scope":"discussion.comment"},"repo":{"type":"model",)"
     R"("name":"some-user/my-model","id":"6366c000a2abcdf2fd69a080","private":false,"url":{)"
     R"("web":"https://huggingface.co/some-user/my-model","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model"},"tags":["license:apache-2.0"],)"
     R"("owner":{"id":"61d2000c3c2083e1c08af22d"}},"discussion":{"id":)"
     R"("639885d811ae2bad2b7ba461","title":"Hello!","url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3","api":"https:)"
     R"(//huggingface.co/api/models/some-user/my-model/discussions/3"},"status":"open",)"
     R"("author":{"id":"61d2000c3c2083e1c08af22d"},"isPullRequest":false,"num":3,"pinned":)"
     R"(false},"comment":{"id":"6398872887bfcfb93a306f18","author":{"id":)"
     R"("61d2000c3c2083e1c08af22d"},"hidden":true,"url":{"web":"https:)"
     R"(//huggingface.co/some-user/my-model/discussions/3#6398872887bfcfb93a306f18"}},)"
     R"("webhook":{"id":"6390e855e30d9209411de93b","version":3}})"},
};

}  // namespace

std::span<const Fixture> fixtures() noexcept { return kFixtures; }

const Fixture* find_fixture(std::string_view name) noexcept {
  const auto found = std::find_if(std::begin(kFixtures), std::end(kFixtures),
                                  [&](const Fixture& row) { return row.name == name; });
  return found == std::end(kFixtures) ? nullptr : found;
}

}  // namespace hookhost::payload
