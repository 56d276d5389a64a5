// SPDX-License-Identifier: Apache-2.0
//
// Answers a comment on the Hub through its HTTP API: once for each comment, and never its own. The
// handler is a coroutine: it waits for the Hub in the pool and between two tries without a thread.
// Without a token it only answers what it would say.
#include <chrono>
#include <hookhost/hookhost.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "hub.h"

using namespace hookhost;
using namespace std::chrono_literals;

HOOKHOST_PLUGIN("discussion_bot", "1.0.0", .license = "Apache-2.0",
                .doc = "Answers comments on the Hub.", .config_schema = R"({
  "type": "object",
  "properties": {
    "endpoint": {"type": "string", "minLength": 1, "description": "default https://huggingface.co"},
    "reply": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "what the bot says"},
    "mention": {"type": "string", "minLength": 1, "description": "answer only comments that contain this text"},
    "user_id": {"type": "string", "minLength": 1, "description": "id of the bot's account; asked from the Hub otherwise"}
  }
})");

namespace {

constexpr int kTriesMax = 3;            // within one attempt; further attempts are the host's
constexpr auto kRememberFor = 7 * 24h;  // the Hub's retries and replays come within days
constexpr std::string_view kDefaultReply = "Thanks for your comment! A maintainer will look at it.";

// A name goes into a path of the Hub's API: it must not lead elsewhere.
bool is_repo_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  return !name.empty() && name.find_first_not_of(kAllowed) == name.npos &&
         name.find("..") == name.npos;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

class Bot {
 public:
  explicit Bot(Host& host)
      : hub(without_slash(host.config()["endpoint"].get_or(std::string("https://huggingface.co"))),
            host.secret("token").str()),
        reply(host.config()["reply"].get_or(std::string(kDefaultReply))),
        mention(host.config()["mention"].get_or(std::string())),
        user_id_(host.config()["user_id"].get_or(std::string())) {}

  // Of the account whose token it is; empty: not known yet.
  std::string user_id() const {
    const std::lock_guard lock(mutex_);
    return user_id_;
  }
  void remember_user_id(std::string id) {
    const std::lock_guard lock(mutex_);
    user_id_ = std::move(id);
  }

  const Hub hub;
  const std::string reply;
  const std::string mention;

 private:
  mutable std::mutex mutex_;
  std::string user_id_;  // guarded by mutex_
};

// Holds "this comment is answered" and takes it back unless it was: a comment is answered once even
// when its event comes twice.
class Once {
 public:
  Once(const Host& host, std::string key) : kv_(host.kv()), key_(std::move(key)) {
    is_first_ = kv_.put_if_absent(key_, "", kRememberFor);
  }
  ~Once() {
    try {
      if (is_first_ && !is_done_) kv_.remove(key_);
    } catch (const Failure&) {  // the entry expires by itself
    }
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  bool is_first() const { return is_first_; }
  void done() { is_done_ = true; }

 private:
  const Kv kv_;
  const std::string key_;
  bool is_first_ = false;
  bool is_done_ = false;
};

// What a Hub that did not take it means for the attempt.
Reply refused(const HubAnswer& answer) {
  if (!answer.is_passing()) return dead("the Hub answered {}", answer.status);
  if (answer.status == 0) return retry(30s, "the Hub did not answer: {}", answer.error);
  return retry(30s, "the Hub answered {}", answer.status);
}

Task<Reply> discussion_bot(const Payload& payload, Context& ctx) {
  Bot& bot = ctx.state<Bot>();
  const Comment& comment = payload.comment;
  if (!payload.discussion || !comment || comment.is_hidden) co_return ignored();
  if (comment.content.find(bot.mention) == comment.content.npos) co_return ignored();
  if (payload.repo.type_code == Repo::Type::kOther || !is_repo_name(payload.repo.name)) {
    co_return dead("{} {} is no repository with discussions", payload.repo.type, payload.repo.name);
  }
  if (!bot.hub.has_token()) co_return json({{"would_reply", bot.reply}});

  if (bot.user_id().empty()) {
    const HubAnswer answer = co_await ctx.pool([&] { return bot.hub.who_am_i(); });
    if (!answer.is_ok()) co_return refused(answer);
    bot.remember_user_id(Document(answer.body)["id"].get_or(std::string()));
    if (bot.user_id().empty()) {
      co_return dead("the Hub did not say whose token this is: configure user_id");
    }
  }
  if (comment.author_id == bot.user_id()) co_return ignored();
  Once once(ctx, "answered/" + comment.id.str());
  if (!once.is_first()) co_return json({{"already_answered", comment.id}});

  for (int tries = 1;; ++tries) {
    const HubAnswer answer = co_await ctx.pool([&] {
      return bot.hub.comment(payload.repo.type, payload.repo.name, payload.discussion.num,
                             bot.reply);
    });
    if (answer.is_ok()) {
      once.done();
      co_return json({{"replied_to", comment.id}});
    }
    if (!answer.is_passing() || tries == kTriesMax) co_return refused(answer);
    if (!co_await ctx.sleep(tries * 500ms)) co_return retry(30s, "cut short");
  }
}

}  // namespace

HOOKHOST_STATE(Bot);
HOOKHOST_ROUTE(discussion_bot, "", .events = "discussion.comment:create", .deadline = 30s,
               .doc = "Answers a new comment once.");
