// SPDX-License-Identifier: Apache-2.0
//
// Does a wrong setting become a sentence that names it, and does a schema say only what we
// understand?
#include "plugin/config_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hookhost::plugin {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kSchema = R"({
  "title": "t", "description": "d", "type": "object", "required": ["command"],
  "properties": {
    "command": {"type": "string", "minLength": 2, "maxLength": 4},
    "attempts": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3},
    "factor": {"type": "number", "minimum": 0.5},
    "mode": {"enum": ["fast", "slow", 7, null]},
    "loud": {"type": "boolean"},
    "repos": {"type": "array", "items": {"type": "object", "required": ["name"],
              "properties": {"name": {"type": "string"}}}},
    "closed": {"type": "object", "additionalProperties": false}
  }})";

std::string verdict(std::string_view config) {
  const Status status = check_config(kSchema, config);
  return status ? "fits" : status.error().message;
}

TEST(ConfigSchema, AcceptsWhatFits) {
  EXPECT_TRUE(check_schema(kSchema));
  EXPECT_EQ(verdict(R"({"command":"run","attempts":10,"factor":0.5,"mode":"slow","loud":true,
                        "repos":[{"name":"a","more":1}],"closed":{}})"),
            "fits");
}

TEST(ConfigSchema, NamesTheSettingAndTheRule) {
  struct Row {
    const char* config;
    const char* message;
  };
  for (const Row& row : {
           Row{R"({})", "config.command is missing"},
           {R"({"command":1})", "config.command must be a string, it is a number"},
           {R"({"command":"r"})", "config.command has 1 characters, needed are at least 2"},
           {R"({"command":"12345"})", "config.command has 5 characters, needed are at most 4"},
           {R"({"command":"éééé"})", "fits"},
           {R"({"command":"run","attempts":0})", "config.attempts is 0, needed is at least 1"},
           {R"({"command":"run","attempts":11})", "config.attempts is 11, needed is at most 10"},
           {R"({"command":"run","attempts":1.5})", "config.attempts must be an integer, it is 1.5"},
           {R"({"command":"run","factor":0.25})", "config.factor is 0.25, needed is at least 0.5"},
           {R"({"command":"run","mode":"medium"})",
            "config.mode is \"medium\", needed is one of [\"fast\", \"slow\", 7, null]"},
           {R"({"command":"run","mode":7.0})", "fits"},
           {R"({"command":"run","mode":null})", "fits"},
           {R"({"command":"run","loud":"yes"})", "config.loud must be a boolean, it is a string"},
           {R"({"command":"run","repos":[{"name":"a"},{"name":1}]})",
            "config.repos[1].name must be a string, it is a number"},
           {R"({"command":"run","repos":[{}]})", "config.repos[0].name is missing"},
           {R"({"command":"run","closed":{"x":1}})",
            "config.closed.x is not a setting of this plugin"},
           {R"({"comand":"run","command":"run"})",
            "config.comand is not a setting of this plugin; did you mean \"command\"?"},
       })
    EXPECT_EQ(verdict(row.config), row.message) << row.config;
}

TEST(ConfigSchema, ListsAllComplaintsUpToAScreen) {
  EXPECT_EQ(verdict(R"({"command":1,"loud":1})"),
            "config.command must be a string, it is a number; config.loud must be a boolean, it is "
            "a number");
  EXPECT_THAT(verdict(R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"command":"run"})"),
              HasSubstr("; and 1 more"));
}

TEST(ConfigSchema, SaysWhatCanBeSet) {
  EXPECT_EQ(check_config(kSchema, R"({"command":"run","x":1})").error().fix,
            "known settings: command, attempts, factor, mode, loud, repos, closed");
}

TEST(ConfigSchema, WithoutASchemaAnyObjectFits) {
  EXPECT_TRUE(check_config("", R"({"anything":[1]})"));
  EXPECT_EQ(check_config("", "[]").error().message, "config is not a JSON object");
  EXPECT_THAT(check_config("", "{").error().message, StartsWith("config is not JSON: "));
}

TEST(ConfigSchema, RefusesASchemaThatSaysMoreThanWeUnderstand) {
  struct Row {
    const char* schema;
    const char* message;
  };
  for (const Row& row : {
           Row{R"({"oneOf":[]})",
               "config_schema_json uses the keyword \"oneOf\", which this host does not know"},
           {R"({"properties":{"a":{"pattern":"x"}}})",
            "config_schema_json.properties.a uses the keyword \"pattern\", which this host does "
            "not "
            "know"},
           {R"({"type":"date"})",
            "config_schema_json.type is \"date\", needed is one of object, array, string, integer, "
            "number, boolean"},
           {R"({"type":["string","null"]})", "config_schema_json.type is [\"string\",\"null\"], "},
           {R"({"properties":[]})",
            "config_schema_json.properties is an array, needed is an object"},
           {R"({"required":[1]})", "config_schema_json.required[] is a number, needed is a string"},
           {R"({"enum":[]})", "config_schema_json.enum is empty"},
           {R"({"minLength":-1})", "config_schema_json.minLength is not a length"},
           {R"({"items":true})", "config_schema_json.items is a boolean, needed is an object"},
           {R"([])", "config_schema_json is not a JSON object"},
           {R"({)", "config_schema_json is not JSON: "},
       })
    EXPECT_THAT(check_schema(row.schema).error().message, StartsWith(row.message)) << row.schema;
}

TEST(ConfigSchema, HasALimitOfItsSize) {
  const std::string filler(64 * 1024 - 8, 'x');
  EXPECT_TRUE(check_config("", "{\"a\":\"" + filler + "\"}"));
  EXPECT_THAT(check_config("", "{\"a\":\"" + filler + "x\"}").error().message,
              HasSubstr("at most 65536 are allowed"));
}

}  // namespace
}  // namespace hookhost::plugin
