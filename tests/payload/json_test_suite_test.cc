// SPDX-License-Identifier: Apache-2.0
//
// JSONTestSuite (tests/data/jsontestsuite): every text that must be refused is refused wherever it
// stands, every text that must be accepted is accepted there, and what is left to the parser is
// written down.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

struct Sample {
  std::string name;
  std::string text;
};

// The files whose name begins with 'n', 'y' or 'i'.
std::vector<Sample> samples(char kind) {
  std::vector<Sample> found;
  const std::filesystem::path folder = HOOKHOST_TEST_DATA "/jsontestsuite/test_parsing";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == kind) found.push_back({name, read_file(entry.path().string())});
  }
  std::sort(found.begin(), found.end(),
            [](const Sample& a, const Sample& b) { return a.name < b.name; });
  return found;
}

// Where a text may stand. A good payload with the text as a value that nobody reads.
struct Wrapping {
  const char* name;
  std::string before;
  std::string after;
};

std::vector<Wrapping> wrappings() {
  const std::string payload = hub_fixture("dataset_push.json");
  const std::string inside = payload.substr(1, payload.size() - 2);
  const std::size_t repo = inside.find("\"repo\":{") + std::string_view("\"repo\":{").size();
  return {
      {"as the body", "", ""},
      {"first in a payload", "{\"x\":", "," + inside + "}"},
      {"last in a payload", "{" + inside + ",\"x\":", "}"},
      {"inside a known object",
       "{" + inside.substr(0, repo) + "\"x\":", "," + inside.substr(repo) + "}"},
      {"as an element", "{\"x\":[1,", ",2]," + inside + "}"},
      {"deep down", "{\"x\":" + std::string(100, '[') + "{\"y\":[1,",
       "]}" + std::string(100, ']') + "," + inside + "}"},
  };
}

TEST(JsonTestSuite, RefusesEveryMustRejectFileWhereverItStands) {
  const auto all = samples('n');
  ASSERT_EQ(all.size(), 188U);
  for (const Wrapping& wrapping : wrappings()) {
    for (const Sample& sample : all) {
      Understanding request;
      const std::string text = wrapping.before + sample.text + wrapping.after;
      const auto result = request.parse(text);
      EXPECT_FALSE(result.has_value()) << sample.name << " " << wrapping.name;
      if (result) continue;
      EXPECT_TRUE(result.error().status == 422 || result.error().status == 400);
      EXPECT_FALSE(request.understand(Form::kHub, text).has_value());
      EXPECT_FALSE(request.understand(Form::kJson, text).has_value());
    }
  }
}

TEST(JsonTestSuite, AcceptsEveryMustAcceptFileWhereverItStands) {
  const auto all = samples('y');
  ASSERT_EQ(all.size(), 95U);
  for (const Wrapping& wrapping : wrappings()) {
    for (const Sample& sample : all) {
      Understanding request;
      const std::string text = wrapping.before + sample.text + wrapping.after;
      EXPECT_TRUE(request.understand(Form::kJson, text).has_value())
          << sample.name << " " << wrapping.name;
      if (wrapping.before.empty()) continue;
      EXPECT_TRUE(request.understand(Form::kHub, text).has_value())
          << sample.name << " " << wrapping.name;
    }
  }
}

// Ours to decide: numbers of any size are text until they are read, bad UTF-8, lone surrogates and
// UTF-16 are refused, a byte order mark is skipped.
TEST(JsonTestSuite, DecidesWhatTheSuiteLeavesOpenAsWrittenHere) {
  const std::set<std::string> kAccepted = {
      "i_number_double_huge_neg_exp.json",
      "i_number_huge_exp.json",
      "i_number_neg_int_huge_exp.json",
      "i_number_pos_double_huge_exp.json",
      "i_number_real_neg_overflow.json",
      "i_number_real_pos_overflow.json",
      "i_number_real_underflow.json",
      "i_number_too_big_neg_int.json",
      "i_number_too_big_pos_int.json",
      "i_number_very_big_negative_int.json",
      "i_structure_UTF-8_BOM_empty_object.json",
  };
  const auto all = samples('i');
  ASSERT_EQ(all.size(), 35U);
  for (const Sample& sample : all) {
    Understanding request;
    EXPECT_EQ(request.parse(sample.text).has_value(), kAccepted.contains(sample.name))
        << sample.name;
  }
}

TEST(JsonTestSuite, ReadsTheTransformFilesWithoutLosingAMember) {
  const std::filesystem::path folder = HOOKHOST_TEST_DATA "/jsontestsuite/test_transform";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    Understanding request;
    const std::string name = entry.path().filename().string();
    const bool is_refused = name.find("invalid_codepoint") != std::string::npos;
    EXPECT_EQ(request.parse(read_file(entry.path().string())).has_value(), !is_refused) << name;
  }
}

}  // namespace
}  // namespace hookhost::payload
