// SPDX-License-Identifier: Apache-2.0
//
// The example of the Python server's guide: a commit to a dataset starts a training job. Which one
// is the operator's word: a command, called with the dataset and the commit, or a URL, posted to.
// With nothing configured it only answers what it would start.
#include <hookhost/hookhost.hpp>

#include "jobs.h"

using namespace hookhost;

HOOKHOST_PLUGIN("auto_retrain", "1.0.0", .license = "Apache-2.0",
                .doc = "Starts a job when a dataset gets a commit.", .config_schema = R"({
  "type": "object",
  "properties": {
    "command": {"type": "string", "minLength": 1, "description": "program to run: COMMAND DATASET COMMIT"},
    "url": {"type": "string", "minLength": 1, "description": "posted to: {\"dataset\":...,\"commit\":...}"},
    "timeout_s": {"type": "integer", "minimum": 1, "maximum": 604800,
                  "description": "after that a job no longer holds its dataset, default 3600"}
  }
})");
HOOKHOST_STATE(Jobs);

namespace {

// Longer ones are no names of the Hub, and would not fit a key of hookhost.kv.
constexpr std::size_t kNameBytesMax = 200;

// Names and commits become words of a command: a stranger's event must not choose an option, hide
// something behind a NUL, or leave a folder.
bool is_plain(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  return !text.empty() && text.size() <= kNameBytesMax && text[0] != '-' && text[0] != '/' &&
         text.find_first_not_of(kAllowed) == text.npos && text.find("..") == text.npos;
}

// The commit that a branch of the repository itself moved to. A pull request opens a ref of its own
// below refs/pr/ and is none; without refs (an old sender) the head commit counts.
Text new_commit(const Payload& payload) {
  if (payload.updated_refs.empty()) return payload.repo.head_sha;
  for (const UpdatedRef ref : payload.updated_refs) {
    if (ref.ref.starts_with("refs/heads/") && ref.new_sha.present()) return ref.new_sha;
  }
  return {};
}

}  // namespace

HOOKHOST_ENDPOINT(auto_retrain, "", .events = "repo.content:update",
                  .deadline = std::chrono::seconds(15), .idempotent = true,
                  .doc = "Starts a job for a commit to a dataset.") {
  if (payload.repo.type_code != Repo::Type::kDataset) return ignored();
  const Text commit = new_commit(payload);
  if (!commit.present()) return ignored();

  const Text dataset = payload.repo.name;
  if (!is_plain(dataset) || !is_plain(commit)) {
    return dead("{} at {} is not a name that the Hub gives", dataset, commit);
  }
  switch (ctx.state<Jobs>().start(dataset.str(), commit)) {
    case Jobs::Started::kStarted: return json(202, {{"started", dataset}, {"commit", commit}});
    case Jobs::Started::kWaits: return json(202, {{"waits", dataset}, {"commit", commit}});
    case Jobs::Started::kNothingConfigured: break;
  }
  return json({{"would_start", dataset}, {"commit", commit}});
}
