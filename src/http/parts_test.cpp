#include <algorithm>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "http/callers.hpp"
#include "http/etag.hpp"
#include "http/json_schema.hpp"
#include "http/metrics.hpp"
#include "http/request_log.hpp"
#include "http/request_reader.hpp"
#include "http/target.hpp"

namespace zhili::http {
namespace {

namespace json = boost::json;

TEST(Language, IsTheOneThatIsPreferred) {
  EXPECT_EQ(choose_language(""), Language::kChinese);
  EXPECT_EQ(choose_language("fr, de"), Language::kChinese);
  EXPECT_EQ(choose_language("en"), Language::kEnglish);
  EXPECT_EQ(choose_language("EN-us,zh;q=0.9"), Language::kEnglish);
  EXPECT_EQ(choose_language("zh-CN,zh;q=0.9,en;q=0.8"), Language::kChinese);
  EXPECT_EQ(choose_language("en;q=0.1,zh;q=0"), Language::kEnglish);
  EXPECT_EQ(choose_language("english"), Language::kChinese);
  // What is no quality counts as none given, though reading numbers takes it for one.
  EXPECT_EQ(choose_language("zh;q=0.9,en;q=nan"), Language::kEnglish);
  EXPECT_EQ(choose_language("zh;q=0.9,en;q=-inf"), Language::kChinese);
}

TEST(Targets, AreTakenApart) {
  const auto target = parse_target("/a%20b/%E4%B8%AD?x=1&y=a%26b+c&x=&z");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a b", "中"}));
  const std::vector<std::pair<std::string, std::string>> query = {{"x", "1"}, {"y", "a&b c"}, {"x", ""}, {"z", ""}};
  EXPECT_EQ(target->query, query);
  EXPECT_EQ(target->path(), "/a b/中");
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_EQ(parse_target("/a/")->segments, (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(parse_target("/a/")->path(), "/a/");
}

TEST(Utf8, IsWhatTheStandardSays) {
  for (const char* good :
       {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc2", "\xe4\xb8", "\xf0\x90\x80", "a\xc2z"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Reader, TakesBytesAsTheyCome) {
  const std::string all =
      "\r\nPOST /x?y HTTP/1.1\r\nHost: t\r\nA:  b \r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n4;e=\"f\"\r\ndefg\r\n0\r\nT: u\r\n\r\nGET";
  for (const size_t piece : {1UL, 2UL, 7UL, all.size()}) {
    RequestReader reader;
    std::string buffer;
    size_t given = 0;
    bool head = false;
    bool done = false;
    while (!done && given < all.size()) {
      const std::string_view more = std::string_view(all).substr(given, piece);
      buffer += more;
      given += more.size();
      RequestReader::Step step = head ? reader.read_body(buffer) : reader.read_head(buffer);
      ASSERT_FALSE(step.problem);
      buffer.erase(0, step.consumed);
      if (!head && step.done) {
        head = true;
        reader.limit_body(100);
        step = reader.read_body(buffer);
        ASSERT_FALSE(step.problem);
        buffer.erase(0, step.consumed);
      }
      done = head && step.done;
    }
    ASSERT_TRUE(done);
    const RawRequest& request = reader.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/x?y");
    EXPECT_EQ(request.headers.find("a"), "b");
    EXPECT_EQ(request.headers.find("t"), std::nullopt);
    EXPECT_EQ(request.body, "abcdefg");
    EXPECT_TRUE(request.keep_alive);
    EXPECT_EQ(buffer + all.substr(given), "GET");
  }
}

std::string found_in(std::string_view schema_text, std::string_view value) {
  const json::value schema = json::parse(schema_text);
  SchemaSet set(schema);
  const auto made = set.read(schema, "test");
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  if (!made) return "no schema";
  std::string out;
  for (const FieldError& error : (*made)->check(json::parse(value))) out += error.pointer + ":" + error.code + " ";
  return out;
}

TEST(Schema, ChecksWhatItSays) {
  EXPECT_EQ(found_in(R"({"type":"integer"})", "1.0"), "");
  EXPECT_EQ(found_in(R"({"type":"integer"})", "1.5"), ":wrong_type ");
  EXPECT_EQ(found_in(R"({"type":["string","null"]})", "null"), "");
  EXPECT_EQ(found_in(R"({"enum":[1,"a",null]})", "\"b\""), ":not_a_choice ");
  EXPECT_EQ(found_in(R"({"const":1})", "1.0"), "");
  EXPECT_EQ(found_in(R"({"exclusiveMinimum":0,"maximum":5})", "0"), ":too_small ");
  EXPECT_EQ(found_in(R"({"exclusiveMinimum":0,"maximum":5})", "5.1"), ":too_large ");
  EXPECT_EQ(found_in(R"({"minLength":2,"maxLength":2})", "\"中文\""), "");
  EXPECT_EQ(found_in(R"({"minLength":1})", "\"\""), ":empty ");
  EXPECT_EQ(found_in(R"({"pattern":"^a+$"})", "\"aab\""), ":wrong_form ");
  EXPECT_EQ(found_in(R"({"uniqueItems":true,"maxItems":3})", "[1,2,1]"), ":doubled ");
  EXPECT_EQ(found_in(R"({"items":{"type":"string"},"minItems":1})", "[\"a\",1]"), "/1:wrong_type ");
  EXPECT_EQ(found_in(R"({"minProperties":1})", "{}"), ":too_few ");
  EXPECT_EQ(found_in(R"({"additionalProperties":{"type":"integer"}})", R"({"a/b~":"x"})"), "/a~1b~0:wrong_type ");
  EXPECT_EQ(found_in(R"({"properties":{"a":false}})", R"({"a":1})"), "/a:not_allowed ");
  EXPECT_EQ(found_in(R"({"$defs":{"t":{"items":{"$ref":"#/$defs/t"},"type":"array"}},"items":{"$ref":"#/$defs/t"}})",
                     "[[[],[1]]]"),
            "/0/1/0:wrong_type ");
  EXPECT_EQ(found_in(R"({"format":"date"})", "\"2024-02-29\""), "");
  EXPECT_EQ(found_in(R"({"format":"date"})", "\"2023-02-29\""), ":wrong_form ");
  for (const char* time : {"2026-01-31T08:00:00Z", "2026-01-31T08:00:00.123+08:00", "2026-01-31t23:59:60z"}) {
    EXPECT_EQ(found_in(R"({"format":"date-time"})", "\"" + std::string(time) + "\""), "") << time;
  }
  for (const char* time : {"2026-01-31", "2026-01-31T08:00:00", "2026-01-31T24:00:00Z", "2026-01-31T08:00:00.Z",
                           "2026-01-31T08:00:00+8"}) {
    EXPECT_EQ(found_in(R"({"format":"date-time"})", "\"" + std::string(time) + "\""), ":wrong_form ") << time;
  }
  // A pattern that makes others' engines run for years.
  EXPECT_EQ(found_in(R"({"pattern":"^(a+)+$"})", "\"" + std::string(50'000, 'a') + "!\""), ":wrong_form ");
  // So much is told and no more.
  std::string many = "[";
  for (int i = 0; i < 1'000; ++i) many += "1,";
  const std::string told = found_in(R"({"items":{"type":"string"}})", many + "1]");
  EXPECT_EQ(std::ranges::count(told, ' '), static_cast<std::ptrdiff_t>(limits::kFieldErrors));
}

TEST(Credentials, AreReadFromCookieAndAuthorization) {
  const std::string token(43, 'a');
  Headers headers;
  headers.add("Cookie", "x=y; zhili=" + token + "; zhili2=" + token);
  EXPECT_EQ(credential_in(headers, false).token, token);
  EXPECT_EQ(credential_in(headers, true).by, Credential::kNone);
  headers.add("cookie", "__Host-zhili=" + std::string(43, 'b'));
  EXPECT_EQ(credential_in(headers, true).token, std::string(43, 'b'));
  headers.add("Authorization", "bEARER key_1.x");
  EXPECT_EQ(credential_in(headers, true).by, Credential::kKey);
  EXPECT_EQ(credential_in(headers, true).token, "key_1.x");
  EXPECT_EQ(session_cookie(token, true), "__Host-zhili=" + token + "; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(session_cookie_end(false), "zhili=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST(ETags, MatchOrDont) {
  Request request;
  EXPECT_EQ(require_match(request, etag_of(3)).value_or(Problem{}).status, 428);
  request.headers.add("If-Match", "\"2\", \"3\"");
  EXPECT_FALSE(require_match(request, etag_of(3)));
  EXPECT_EQ(require_match(request, etag_of(4)).value_or(Problem{}).status, 412);
  Headers weak;
  weak.add("If-None-Match", "W/\"3\"");
  EXPECT_TRUE(is_known(weak, etag_of(3)));
  EXPECT_FALSE(is_known(weak, etag_of(33)));
}

TEST(Traces, AreTakenOverIfValid) {
  EXPECT_EQ(trace_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), "4bf92f3577b34da6a3ce929d0e0e4736");
  for (const char* bad : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                          "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e47\n6-00f067aa0ba902b7-01"}) {
    EXPECT_EQ(trace_of(bad), "") << bad;
  }
}

TEST(LogLines, CantBeBroken) {
  std::string written;
  RequestLog log([&](std::string_view lines) { written += lines; });
  log.add({.time = 1'767'225'600'000'001,
           .id = "i\"d",
           .operation = "op\nx",
           .method = "GET",
           .status = 200,
           .account = "a\\b"});
  EXPECT_EQ(written, "");
  log.add({.time = 0, .operation = "op", .method = "GET", .status = 500});
  EXPECT_EQ(written,
            "{\"time\":\"2026-01-01T00:00:00.000001Z\",\"method\":\"GET\",\"status\":200,\"us\":0,\"in\":0,\"out\":0}\n"
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"operation\":\"op\",\"method\":\"GET\",\"status\":500,\"us\":0,"
            "\"in\":0,\"out\":0}\n");
}

TEST(Figures, AreCumulative) {
  std::vector<Operation> operations(1);
  operations[0].id = "a";
  Metrics metrics(operations);
  for (const int milliseconds : {1, 3, 30, 20'000}) {
    metrics.begin();
    metrics.end(operations.data(), 200, std::chrono::milliseconds(milliseconds), 1, 2);
  }
  const std::string text = metrics.text();
  for (const char* line : {"zhili_http_request_seconds_bucket{operation=\"a\",le=\"0.001\"} 1\n",
                           "zhili_http_request_seconds_bucket{operation=\"a\",le=\"0.005\"} 2\n",
                           "zhili_http_request_seconds_bucket{operation=\"a\",le=\"10\"} 3\n",
                           "zhili_http_request_seconds_bucket{operation=\"a\",le=\"+Inf\"} 4\n",
                           "zhili_http_request_seconds_sum{operation=\"a\"} 20.034\n", "zhili_http_in_flight 0\n",
                           "zhili_http_sent_bytes_total 8\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace zhili::http
