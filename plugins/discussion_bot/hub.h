// SPDX-License-Identifier: Apache-2.0
//
// Hub: the two calls of the Hub's HTTP API that the bot makes, over libcurl. Blocking: call it in
// the pool. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

struct HubAnswer {
  int status = 0;     // 0: no answer
  std::string body;   // at most 64 KiB
  std::string error;  // of status 0
  bool is_ok() const { return status / 100 == 2; }
  // Another try may help: no answer, too many requests, or the Hub's own trouble.
  bool is_passing() const { return status == 0 || status == 429 || status / 100 == 5; }
};

class Hub {
 public:
  // endpoint: "https://huggingface.co"; token: of the bot's account, kept for the Authorization
  // header only.
  Hub(std::string endpoint, std::string token)
      : endpoint_(std::move(endpoint)), token_(std::move(token)) {}

  bool has_token() const { return !token_.empty(); }

  // GET /api/whoami-v2: "id" is the account's.
  HubAnswer who_am_i() const;

  // POST /api/{type}s/{name}/discussions/{num}/comment
  HubAnswer comment(std::string_view type, std::string_view name, long long num,
                    std::string_view text) const;

 private:
  HubAnswer request(const std::string& path, const std::string* body) const;

  std::string endpoint_;
  std::string token_;
};
