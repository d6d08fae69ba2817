#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "identity/decision.hpp"

/// Reads the *.test files of tests/identity, whose format decide.test tells.
namespace zhili::identity {

struct DecisionCases {
  AreaTree areas;
  Policy policy;
  std::map<std::string, Actor> actors;
  size_t asked = 0;
};

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}

inline std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

inline Actor read_actor(const std::string& name, const std::string& text) {
  Actor actor{name, {}, false};
  for (const std::string& word : words_in(text)) {
    if (word == "2fa") {
      actor.second_factor = true;
      continue;
    }
    const auto by_department = split(word, '/');
    const auto by_area = split(by_department[0], '@');
    actor.assignments.push_back(
        {by_area[0], by_department.size() > 1 ? by_department[1] : "", by_area.size() > 1 ? by_area[1] : ""});
  }
  return actor;
}

inline std::vector<int> read_grades(const std::string& text) {
  std::vector<int> out;
  for (const std::string& part : split(text, ',')) {
    const auto ends = split(part, '-');
    for (int grade = std::stoi(ends.front()); grade <= std::stoi(ends.back()); ++grade) out.push_back(grade);
  }
  return out;
}

inline std::string answer_of(const Decision& decision) {
  if (decision.rule != nullptr) return (decision.allowed ? "+" : "-") + decision.rule->id;
  std::string out = "!" + std::string(code_of(decision.reason));
  if (decision.nearest != nullptr) out += " " + decision.nearest->id;
  return out;
}

inline std::string or_none(const std::string& word) { return word == "-" ? std::string() : word; }

inline void ask_one(DecisionCases& cases, const std::string& who, const std::string& action,
                    const std::string& resource, const std::string& where, const std::string& purpose, int grade,
                    const std::string& expected) {
  const auto by_subject = split(where, ':');
  const auto by_department = split(by_subject[0], '/');
  const std::string area = or_none(by_department[0]);
  const std::string department = by_department.size() > 1 ? by_department[1] : "";
  const std::string subject = by_subject.size() > 1 ? by_subject[1] : "";
  const std::string purpose_word = or_none(purpose);
  const auto actor = cases.actors.find(who);
  ASSERT_NE(actor, cases.actors.end()) << "no actor " << who;
  const Decision decision = decide(cases.policy, cases.areas, actor->second,
                                   {action, resource, department, area, subject, purpose_word, grade});
  ++cases.asked;
  EXPECT_EQ(answer_of(decision), expected)
      << who << " " << action << " " << resource << " " << where << " " << purpose << " " << grade;
  EXPECT_EQ(decision.allowed, decision.reason == Reason::kAllowed);
  EXPECT_FALSE(words_of(decision, Language::kChinese).empty());
  EXPECT_FALSE(words_of(decision, Language::kEnglish).empty());
}

inline void ask_all(DecisionCases& cases, const std::string& line) {
  const size_t arrow = line.find(" => ");
  ASSERT_NE(arrow, std::string::npos) << line;
  const auto words = words_in(line.substr(5, arrow - 5));
  ASSERT_EQ(words.size(), 6U) << line;
  const std::string expected = line.substr(arrow + 4);
  for (const std::string& who : split(words[0], ',')) {
    for (const std::string& action : split(words[1], ',')) {
      for (const std::string& resource : split(words[2], ',')) {
        for (const std::string& where : split(words[3], ',')) {
          for (const std::string& purpose : split(words[4], ',')) {
            for (const int grade : read_grades(words[5])) {
              ask_one(cases, who, action, resource, where, purpose, grade, expected);
            }
          }
        }
      }
    }
  }
}

/// Runs one file; returns how many decisions it asked for.
inline size_t run_decision_cases(const std::string& text, const std::string& file) {
  DecisionCases cases;
  std::vector<Area> areas;
  std::string section;
  std::string yaml;
  const auto close = [&] {
    if (section == "areas") {
      auto tree = AreaTree::create(areas);
      ASSERT_TRUE(tree) << tree.error().text();
      cases.areas = std::move(*tree);
    } else if (section.starts_with("policy")) {
      auto policy = parse_policy(section == "policy default" ? default_policy_yaml() : yaml, file);
      ASSERT_TRUE(policy) << policy.error().text();
      cases.policy = std::move(*policy);
    }
  };
  size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    const testing::ScopedTrace trace(file.c_str(), static_cast<int>(++number), line);
    if (line.starts_with("--- ")) {
      close();
      section = line.substr(4);
    } else if (section == "policy") {
      yaml += line + "\n";
    } else if (line.empty() || line.starts_with('#')) {
      continue;
    } else if (section == "areas") {
      const auto words = words_in(line);
      areas.push_back({words.at(0), or_none(words.at(1)), words.at(2), {}, {}});
    } else if (line.starts_with("actor ")) {
      const size_t colon = line.find(':');
      const std::string name = line.substr(6, colon - 6);
      cases.actors.insert_or_assign(name, read_actor(name, line.substr(colon + 1)));
    } else if (line.starts_with("ask: ")) {
      ask_all(cases, line);
    } else {
      ADD_FAILURE() << "neither actor nor ask: " << line;
    }
  }
  return cases.asked;
}

}  // namespace zhili::identity
