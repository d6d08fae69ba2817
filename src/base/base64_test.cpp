#include "base/base64.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili {
namespace {

TEST(Base64, WritesWhatTheStandardShows) {  // RFC 4648, section 10.
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff", "+/8="},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm9v\n",
                                      "Zm 9v===", "Zm-v", "Zm9v=", "=Zm9", "Zm9vYmF\xff"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, EveryTextStandsForItsOwnBytes) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.below(40), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    std::string text = to_base64(bytes);
    EXPECT_EQ(from_base64(text), bytes);
    if (text.empty()) continue;
    text[random.below(text.size())] ^= static_cast<char>(1U << random.below(8));
    EXPECT_NE(from_base64(text), bytes);
  }
}

}  // namespace
}  // namespace zhili
