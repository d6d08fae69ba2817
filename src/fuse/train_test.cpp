#include "fuse/train.hpp"

#include "fuse/test_fusion.hpp"

namespace zhili::fuse {
namespace {

constexpr int kPeople = 15;

/// People who stand in both sources under other telephones: too few for expectation–maximisation to learn it.
std::string people(char source) {
  std::string out = "id,name,birth,phone\n";
  for (int p = 0; p < kPeople; ++p) {
    out += fmt::format("{},name{} of{},19{}-0{}-1{},13{}{:08}\n", p, p, p, 60 + p, 1 + p % 9, p % 10,
                       source == 'a' ? 1 : 7, p * (source == 'a' ? 7654321 : 1234567));
  }
  return out;
}

std::string labels(int same, int different) {
  std::string out = "source_a,record_a,source_b,record_b,decision\n";
  for (int p = 0; p < same; ++p) out += fmt::format("a,{},b,{},same\n", p, p);
  for (int p = 0; p < different; ++p) out += fmt::format("a,{},b,{},different\n", p, (p + 1) % kPeople);
  return out;
}

constexpr const char* kConfig = R"(
version: 1
sources: [{id: a, file: a.csv, record_id: id}, {id: b, file: b.csv, record_id: id}]
attributes: {name: latin_name, birth: date, phone: phone}
blocking: [name, birth]
)";

/// The model's level "equal" of the telephone.
LevelModel equal_phone(const std::string& labels) {
  const auto yaml = std::string(kConfig) + (labels.empty() ? "" : "labels: labels.csv\n");
  TestFusion fusion(yaml, {{"a.csv", people('a')}, {"b.csv", people('b')}, {"labels.csv", labels}});
  if (!fusion || !fusion.run()) return {};
  return fusion->model().comparisons.back().levels.front();
}

TEST(Labels, BringTheModelNearerToTheTruth) {
  // No pair of one person has the same telephone, and nothing but labels can tell.
  const auto without = equal_phone("");
  const auto few = equal_phone(labels(2, 0));
  const auto many = equal_phone(labels(kPeople, 0));
  EXPECT_NEAR(without.m, 0.8, 1e-9);
  EXPECT_LT(few.m, without.m);
  EXPECT_GT(few.m, 0.6);
  EXPECT_LT(many.m, 0.4);
}

TEST(Labels, OfTwoEntitiesCountInU) { EXPECT_LT(equal_phone(labels(0, kPeople)).u, equal_phone("").u); }

Error error_of(const std::string& labels) {
  TestFusion fusion(std::string(kConfig) + "labels: labels.csv\n",
                    {{"a.csv", people('a')}, {"b.csv", people('b')}, {"labels.csv", labels}});
  const auto read = fusion->read();
  return read ? Error{} : read.error();
}

TEST(Labels, MistakesAreToldWithTheirLine) {
  EXPECT_EQ(error_of(labels(2, 0) + "a,1,b,x,same\n").place.line, 4U);
  EXPECT_EQ(error_of(labels(1, 0) + "a,1,b,1,perhaps\n").place.line, 3U);
  const auto contradiction = error_of(labels(1, 0) + "a,0,a,1,different\na,1,b,0,same\n");
  EXPECT_NE(contradiction.message.find("contradict"), std::string::npos) << contradiction.text();
  EXPECT_GT(contradiction.place.line, 1U);
}

}  // namespace
}  // namespace zhili::fuse
