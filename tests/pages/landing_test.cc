// SPDX-License-Identifier: Apache-2.0
// Does the landing page say what the seed's default UI says (rows U06 and U07), and nothing that a
// stranger put there?
#include "pages/landing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pages/support/routes.h"

namespace hookhost::pages {
namespace {

using test::route;
using test::secret_route;
using test::table;
using testing::HasSubstr;
using testing::Not;

// The text of a page, as a reader sees it: tags away, white space joined.
std::string text_of(std::string_view html) {
  std::string text;
  bool in_tag = false;
  html.remove_prefix(html.find("<body"));
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (in_tag || c == '\n') {
      if (!text.empty() && text.back() != ' ' && c == '\n') text.push_back(' ');
    } else {
      text.push_back(c);
    }
    if (c == '>') in_tag = false;
  }
  return text;
}

const auto kTwo = [] {
  return table({secret_route("retrain", "/webhooks/retrain"), route("bot", "/webhooks/a/bot")});
};

TEST(Landing, SaysTheTextOfRowU06) {
  const std::string text = text_of(landing_page(*kTwo(), false));

  EXPECT_THAT(text, HasSubstr("This is an app to process 🤗 Webhooks"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "Webhooks are a foundation for MLOps-related features. They allow you to listen for "
          "new changes on specific repos or to all repos belonging to particular set of "
          "users/organizations (not just your repos, but any repo). Check out this guide to "
          "get to know more about webhooks on the Huggingface Hub."));
  EXPECT_THAT(text, HasSubstr("2 webhook(s) are registered:"));
  EXPECT_THAT(text, HasSubstr("Go to https://huggingface.co/settings/webhooks to setup your "
                              "webhooks. Your app is running locally. Please look at the logs to "
                              "check the full URL you need to set."));
}

TEST(Landing, LinksEachWebhookToTheSeedsAnchor) {
  const std::string page = landing_page(*kTwo(), false);

  EXPECT_THAT(page, HasSubstr("<a href=\"/docs#/default/retrain_webhooks_retrain_post\">"));
  EXPECT_THAT(page, HasSubstr("<code>/webhooks/retrain</code>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"/docs#/default/bot_webhooks_a_bot_post\">"));
  EXPECT_THAT(page, HasSubstr("href=\"https://huggingface.co/docs/hub/webhooks\""));
  EXPECT_THAT(page, HasSubstr("href=\"https://huggingface.co/settings/webhooks\""));
}

TEST(Landing, SaysTheSpaceTextOfRowU07WithTheSettingsLink) {
  const std::string text = text_of(landing_page(*kTwo(), true));

  EXPECT_THAT(text, HasSubstr("This app is running on a Space. You can find the corresponding URL "
                              "in the options menu (top-right) &gt; 'Embed the Space'. The URL "
                              "looks like 'https://{username}-{repo_name}.hf.space'."));
  EXPECT_THAT(text, HasSubstr("Go to https://huggingface.co/settings/webhooks"));
  EXPECT_THAT(text, Not(HasSubstr("running locally")));
}

TEST(Landing, SaysWhatToDoWhenNothingIsRegistered) {
  const std::string text = text_of(landing_page(*table({}), false));

  EXPECT_THAT(text, HasSubstr("0 webhook(s) are registered:"));
  EXPECT_THAT(text, HasSubstr("No plugin is loaded."));
}

TEST(Landing, NeedsNoScript) {
  EXPECT_THAT(landing_page(*kTwo(), false), Not(HasSubstr("<script")));
}

TEST(Landing, EscapesWhatAPluginSaysOfItself) {
  Route hostile = route("x\"><img src=x>", "/webhooks/<b>\"'&");
  hostile.doc = "</p><script>alert(1)</script> \"'& {{where}} {{count}} \xe2\x80\xae \xff";
  const std::string page = landing_page(*table({hostile}), false);

  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#39;&amp; "
                              "{{where}} {{count}} \\u{202e} \\xff"));
  EXPECT_THAT(page, HasSubstr("<code>/webhooks/%3Cb%3E%22%27%26</code>"));
  EXPECT_THAT(page, HasSubstr("href=\"/docs#/default/x___img_src_x__webhooks__b_____post\""));
}

TEST(Landing, ShowsNoSecret) {
  EXPECT_THAT(landing_page(*kTwo(), false), Not(HasSubstr("Secret")));
}

}  // namespace
}  // namespace hookhost::pages
