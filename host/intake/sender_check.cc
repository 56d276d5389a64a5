// SPDX-License-Identifier: Apache-2.0
#include "intake/sender_check.h"

#include "intake/answer.h"

namespace hookhost::intake {

Result<void, Refusal> SenderCheck::by_head() {
  if (authenticator_ == nullptr || authenticator_->needs_body()) return {};
  return judge({});
}

Result<void, Refusal> SenderCheck::by_body(std::string_view body) {
  if (authenticator_ == nullptr || !authenticator_->needs_body()) return {};
  return judge(body);
}

Result<void, Refusal> SenderCheck::judge(std::string_view body) {
  const SystemTime now = clock_.now();
  const Verdict verdict = authenticator_->judge(head_, body, now);
  if (verdict.proof == Proof::kAccepted) {
    visit_.proved_by(verdict.secret);
    return {};
  }
  if (body.size() <= kGuessBodyBytesMax && guesses_.take(clock_.monotonic_now()))
    visit_.guess(authenticator_->diagnose(head_, body, now));
  return refusal_of(verdict.proof, authenticator_->facts());
}

}  // namespace hookhost::intake
