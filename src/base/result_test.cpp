#include "base/result.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace zhili {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::kInput, {"numbers.csv", 3, 7}, "Give an even number.", "{} is odd", n);
  return n / 2;
}

Result<int> quarter(int n) {
  ZHILI_ASSIGN(const int h, half(n));
  ZHILI_ASSIGN(int q, half(h));
  return q;
}

Status check_even(int n) {
  ZHILI_TRY(half(n));
  return {};
}

Result<std::unique_ptr<int>> boxed(int n) {
  ZHILI_ASSIGN(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(n)));
  return box;
}

TEST(Error, TextNamesPlaceAndWayOut) {
  Error error{ErrorCode::kInput, "is wrong", {"a.csv", 3, 7}, "Do better."};
  EXPECT_EQ(error.text(), "a.csv:3:7: is wrong\n  Do better.");
}

TEST(Error, TextLeavesOutWhatIsUnknown) {
  EXPECT_EQ((Error{ErrorCode::kIo, "is wrong", {}, ""}.text()), "is wrong");
  EXPECT_EQ((Error{ErrorCode::kIo, "is wrong", {"a.csv", 0, 0}, ""}.text()), "a.csv: is wrong");
  EXPECT_EQ((Error{ErrorCode::kIo, "is wrong", {"a.csv", 3, 0}, ""}.text()), "a.csv:3: is wrong");
  // A column without a line points nowhere.
  EXPECT_EQ((Error{ErrorCode::kIo, "is wrong", {"a.csv", 0, 7}, ""}.text()), "a.csv: is wrong");
}

TEST(Result, AssignUnwrapsOrReturnsTheError) {
  ASSERT_TRUE(quarter(12));
  EXPECT_EQ(*quarter(12), 3);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "3 is odd");
  EXPECT_EQ(failed.error().code, ErrorCode::kInput);
  EXPECT_EQ(failed.error().place.line, 3U);
}

TEST(Result, TryReturnsTheError) {
  EXPECT_TRUE(check_even(2));
  ASSERT_FALSE(check_even(1));
  EXPECT_EQ(check_even(1).error().hint, "Give an even number.");
}

TEST(Result, CarriesWhatCannotBeCopied) {
  auto box = boxed(5);
  ASSERT_TRUE(box);
  EXPECT_EQ(**box, 5);
}

}  // namespace
}  // namespace zhili
