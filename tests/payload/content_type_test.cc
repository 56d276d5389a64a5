// SPDX-License-Identifier: Apache-2.0
//
// Which content types are JSON to FastAPI (rows V07 and V08)?
#include "payload/content_type.h"

#include <gtest/gtest.h>

namespace hookhost::payload {
namespace {

TEST(ContentType, IsJsonInAnyCaseAndWithParametersV08) {
  for (const char* type :
       {"application/json", "Application/JSON", "application/json;charset=utf-16",
        " application/json ", "application/json ; x", "application/x+json", "application/+json",
        "application/vnd.github.v3+json; charset=utf-8"}) {
    EXPECT_TRUE(is_json_content_type(type)) << type;
  }
}

TEST(ContentType, IsNotJsonForAFormOrTextOrNothingV07) {
  for (const char* type :
       {"", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/jsonx",
        "application/json-patch", "xapplication/json", "application/", "application", "json",
        ";application/json", "application/json, application/json",
        "application/json, application/x+json", "application/json/json", "text/x+json",
        "application /json", "application/ json"}) {
    EXPECT_FALSE(is_json_content_type(type)) << type;
  }
}

}  // namespace
}  // namespace hookhost::payload
