#include "store/url.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace zhili::store {
namespace {

TEST(StoreUrl, AFileIsSqlite) {
  for (const std::string_view text : {"sqlite:data/zhili.db", "data/zhili.db"}) {
    const auto url = StoreUrl::parse(text);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->engine(), Engine::kSqlite);
    EXPECT_EQ(url->path(), "data/zhili.db");
    EXPECT_EQ(url->shown(), "sqlite:data/zhili.db");
  }
}

TEST(StoreUrl, WhatIsShownOfAFileLeadsThere) {
  for (const std::string_view text : {"//srv/zhili.db", "sqlite:/srv/zhili.db", "///srv/zhili.db"}) {
    const auto url = StoreUrl::parse(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->path(), "/srv/zhili.db");
    const auto again = StoreUrl::parse(url->shown());
    ASSERT_TRUE(again) << url->shown();
    EXPECT_EQ(again->path(), url->path());
  }
}

TEST(StoreUrl, PostgresIsShownWithoutItsSecrets) {
  for (const auto& [text, shown] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"postgresql://ann:s3cret@db.example:5432/zhili?sslpassword=s3cret",
            "postgresql://ann@db.example:5432/zhili"},
           {"POSTGRES://ann@db.example/zhili", "postgresql://ann@db.example/zhili"},
           {"postgresql://:s3cret@db.example", "postgresql://@db.example"},
           {"postgresql://ann:s3@cret@db.example/z", "postgresql://ann@db.example/z"},
           {"postgresql:///zhili?host=/run/sockets&password=s3cret", "postgresql:///zhili"}}) {
    const auto url = StoreUrl::parse(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->engine(), Engine::kPostgres);
    EXPECT_TRUE(url->uri().ends_with(text.substr(text.find("://"))));
    EXPECT_EQ(url->shown(), shown);
  }
}

TEST(StoreUrl, RefusesTheRest) {
  for (const std::string& text :
       {std::string(), std::string("sqlite:"), std::string("mysql://ann:s3cret@db/zhili"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("dir/"), std::string(limits::kUrlBytes + 1, 'x')}) {
    const auto url = StoreUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().text().find("s3cret"), std::string::npos);
    EXPECT_FALSE(url.error().hint.empty());
  }
}

}  // namespace
}  // namespace zhili::store
