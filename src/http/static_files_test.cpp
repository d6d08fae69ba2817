#include "http/static_files.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "http/test_edge.hpp"

namespace zhili::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public EdgeTest {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "zhili-static-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
    write("web/index.html", "<html>front</html>");
    write("web/phone/index.html", "<html>phone</html>");
    write("web/assets/index-B3kQ9x_1.js", "alert(1)");
    write("web/assets/index-B3kQ9x_1.js.br", "packed by brotli");
    write("web/assets/index-B3kQ9x_1.js.gz", "packed by gzip");
    write("web/assets/style.css", "a{}");
    write("web/assets/alone.js.gz", "no plain one");
    write("web/assets/中文.svg", "<svg/>");
    write("web/.secret", "hidden");
    write("web/.git/config", "hidden");
    write("outside.txt", "outside");
    fs::create_symlink("../outside.txt", dir_ / "web/link.txt");
    fs::create_symlink("assets/style.css", dir_ / "web/inside.css");
    fs::create_directory_symlink("..", dir_ / "web/up");
  }
  void TearDown() override {
    EdgeTest::TearDown();
    fs::remove_all(dir_);
  }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  void serve() {
    auto files = StaticFiles::load(dir_ / "web");
    ASSERT_TRUE(files) << files.error().text();
    ServiceOptions options;
    options.files = std::make_shared<const StaticFiles>(std::move(*files));
    start({}, std::move(options));
  }
  fs::path dir_;
};

TEST_F(StaticFilesTest, ServesTheFront) {
  serve();
  Answer answer = ask(get("/"));
  EXPECT_EQ(answer.body, "<html>front</html>");
  EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(answer.header("cache-control"), "no-cache");
  EXPECT_NE(answer.header("content-security-policy").find("script-src 'self';"), std::string::npos);
  EXPECT_EQ(answer.header("content-security-policy").find("unsafe-eval"), std::string::npos);
  const std::string etag = answer.header("etag");
  answer = ask(get("/", "If-None-Match: \"x\", W/" + etag + "\r\n"));
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.header("etag"), etag);
  EXPECT_EQ(ask(get("/phone")).body, "<html>phone</html>");
  EXPECT_EQ(ask(get("/phone/")).body, "<html>phone</html>");
  EXPECT_EQ(ask(get("/assets/%E4%B8%AD%E6%96%87.svg")).body, "<svg/>");
  // Pages of the front's own, and nothing else that is missing.
  EXPECT_EQ(ask(get("/people/1", "Accept: text/html\r\n")).body, "<html>front</html>");
  EXPECT_EQ(ask(get("/phone/reads/2", "Accept: text/html,*/*\r\n")).body, "<html>phone</html>");
  EXPECT_EQ(ask(get("/assets/gone.js", "Accept: */*\r\n")).status, 404);
  EXPECT_EQ(ask(get("/api/v1/nothing", "Accept: text/html\r\n")).status, 404);
  EXPECT_EQ(ask(post("/", "{}")).status, 405);
}

TEST_F(StaticFilesTest, ServesWhatIsPackedAlready) {
  serve();
  const std::string path = "/assets/index-B3kQ9x_1.js";
  Answer answer = ask(get(path));
  EXPECT_EQ(answer.body, "alert(1)");
  EXPECT_EQ(answer.header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.header("vary"), "Accept-Encoding");
  const std::string etag = answer.header("etag");
  answer = ask(get(path, "Accept-Encoding: gzip, deflate, br\r\n"));
  EXPECT_EQ(answer.body, "packed by brotli");
  EXPECT_EQ(answer.header("content-encoding"), "br");
  EXPECT_NE(answer.header("etag"), etag);
  EXPECT_EQ(ask(get(path, "Accept-Encoding: br;q=0, gzip\r\n")).body, "packed by gzip");
  EXPECT_EQ(ask(get(path, "Accept-Encoding: *\r\n")).body, "alert(1)");
  EXPECT_EQ(ask(get("/assets/style.css")).header("cache-control"), "no-cache");
  EXPECT_EQ(ask(get("/assets/alone.js")).status, 404);
}

TEST_F(StaticFilesTest, GivesNothingFromElsewhere) {
  serve();
  for (const char* path :
       {"/link.txt", "/up/outside.txt", "/up/web/index.html", "/.secret", "/.git/config", "/outside.txt"}) {
    EXPECT_EQ(ask(get(path)).status, 404) << path;
  }
  for (const char* path : {"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt",
                           "/assets/..%5c..%5coutside.txt", "/assets/../../outside.txt", "/%c0%ae%c0%ae/outside.txt",
                           "/index.html%00.js", "//index.html", "/assets/%2e/style.css"}) {
    EXPECT_EQ(ask(get(path)).status, 400) << path;
  }
  EXPECT_EQ(ask(get("/inside.css")).body, "a{}");
  EXPECT_FALSE(StaticFiles::load(dir_ / "none"));
  EXPECT_FALSE(StaticFiles::load(dir_ / "outside.txt"));
}

std::string unpacked(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(100'000, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

using Compression = EdgeTest;

TEST_F(Compression, PacksWhatIsLargeAndNoSecret) {
  start();
  Answer answer = ask(get("/api/v1/things/large", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(answer.header("content-encoding"), "gzip");
  EXPECT_EQ(answer.header("vary"), "Accept-Encoding");
  EXPECT_LT(answer.body.size(), 1'000U);
  EXPECT_EQ(unpacked(answer.body), large());
  EXPECT_EQ(ask(get("/api/v1/things/large", "Accept-Encoding: gzip, br\r\n")).header("content-encoding"), "br");
  EXPECT_EQ(ask(get("/api/v1/things/large")).body, large());
  EXPECT_EQ(ask(get("/api/v1/things/large", "Accept-Encoding: gzip;q=0\r\n")).body, large());
  EXPECT_EQ(ask(get("/api/v1/things/a", "Accept-Encoding: gzip\r\n")).header("content-encoding"), "");
  const std::string body = R"({"name":"x"})";
  const std::string put =
      "PUT /api/v1/things/secret HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip, br\r\nContent-Type: "
      "application/json\r\nContent-Length: 12\r\n\r\n" +
      body;
  EXPECT_EQ(ask(put).body, large());
}

TEST(Compress, ChoosesCodings) {
  EXPECT_EQ(choose_coding(""), Coding::kIdentity);
  EXPECT_EQ(choose_coding("identity"), Coding::kIdentity);
  EXPECT_EQ(choose_coding("deflate, gzip;q=1.0, *;q=0.5"), Coding::kGzip);
  EXPECT_EQ(choose_coding("gzip, deflate, br"), Coding::kBrotli);
  EXPECT_EQ(choose_coding("br;q=0.0,gzip;q=0.001"), Coding::kGzip);
  EXPECT_EQ(choose_coding(";;,,q=,br;q"), Coding::kBrotli);
}

}  // namespace
}  // namespace zhili::http
