#include "identity/sign_on.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/admit.hpp"
#include "identity/test_ground.hpp"

namespace zhili::identity {
namespace {

/// The provider of tests/oidc in a process of its own.
class ProviderProcess {
 public:
  static bool available() { return std::filesystem::exists(dir() / "node_modules/oidc-provider"); }

  ProviderProcess() {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      if (::chdir(dir().c_str()) == 0) ::execlp("node", "node", "provider.mjs", nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    // It prints its port once it listens.
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') port_ += c;
    ::close(out[0]);
  }
  ~ProviderProcess() {
    ::close(to_);  // It ends with its input.
    ::waitpid(pid_, nullptr, 0);
  }
  ProviderProcess(const ProviderProcess&) = delete;
  ProviderProcess& operator=(const ProviderProcess&) = delete;

  std::string issuer() const { return "http://127.0.0.1:" + port_; }
  bool runs() const { return !port_.empty(); }

 private:
  static std::filesystem::path dir() { return std::filesystem::path(ZHILI_SOURCE_DIR) / "tests/oidc"; }
  pid_t pid_ = -1;
  int to_ = -1;
  std::string port_;
};

/// Fetches from the provider; the test may bend what it answers, and sees what was asked.
class BentFetch : public HttpFetch {
 public:
  Result<FetchAnswer> fetch(const FetchRequest& request) override {
    asked.push_back(request.url);
    auto answer = curl_.fetch(request);
    if (answer && bend) bend(request.url, answer->body);
    return answer;
  }
  size_t count(std::string_view part) const {
    return static_cast<size_t>(
        std::ranges::count_if(asked, [&](const std::string& url) { return url.find(part) != std::string::npos; }));
  }
  std::vector<std::string> asked;
  std::function<void(const std::string&, std::string&)> bend;

 private:
  CurlFetch curl_;
};

/// A browser as far as a sign-in needs one: it follows redirections, and keeps cookies.
SignOnAnswer browse(std::string url) {
  std::string pattern = (std::filesystem::temp_directory_path() / "zhili-browser-XXXXXX").string();
  const std::filesystem::path dir = ::mkdtemp(pattern.data());
  const std::string command = fmt::format(
      "curl -s -L --max-redirs 9 -c {0}/jar -b {0}/jar -o {0}/page -w '%{{url_effective}}' '{1}'", dir.string(), url);
  std::string last;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 4096> bytes{};
    while (const size_t count = std::fread(bytes.data(), 1, bytes.size(), pipe)) last.append(bytes.data(), count);
    ::pclose(pipe);
  }
  std::filesystem::remove_all(dir);
  const auto field = [&](const std::string& name) {
    const size_t at = last.find(name + "=");
    if (at == std::string::npos) return std::string();
    std::string text = last.substr(at + name.size() + 1);
    text = text.substr(0, text.find('&'));
    for (const auto& [code, sign] : {std::pair<std::string, std::string>{"%3A", ":"}, {"%2F", "/"}}) {
      for (size_t i = text.find(code); i != std::string::npos; i = text.find(code)) text.replace(i, 3, sign);
    }
    return text;
  };
  return {field("code"), field("state"), field("iss"), field("error")};
}

class SignOnTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!ProviderProcess::available()) GTEST_SKIP() << "needs tests/oidc/node_modules: tools/setup test installs them";
    provider_ = std::make_unique<ProviderProcess>();
    ASSERT_TRUE(provider_->runs()) << "node does not start tests/oidc/provider.mjs";
    config_.issuer = provider_->issuer();
    config_.client_id = "zhili-rs";
    config_.redirect_uri = "http://127.0.0.1:1/callback";
    config_.posts_claim = "groups";
    config_.posts = {{"clerks", {"clerk", "", ""}}};
    config_.second_factor = {"otp"};
  }
  SignOnClient client() {
    return {config_, http_, entropy_, seal_, [this] { return now_ != 0 ? now_ : store::system_now(); }};
  }
  /// The message of what is wrong, or nothing.
  std::string problem(const Result<ExternalPerson>& person) { return person ? "" : person.error().message; }
  std::string walk(SignOnClient& client, const std::function<void(SignOnClient::Begun&)>& bend = {}) {
    auto begun = client.begin();
    if (!begun) return begun.error().message;
    if (bend) bend(*begun);
    const SignOnAnswer answer = browse(begun->url);
    if (answer.code.empty()) return "the provider gave no code: " + answer.error;
    return problem(client.finish(begun->ticket, answer));
  }

  std::unique_ptr<ProviderProcess> provider_;
  SignOnConfig config_;
  BentFetch http_;
  SeededEntropy entropy_{7};
  SealKeys seal_ = SealKeys::create({std::string(32, 's')}).value();
  int64_t now_ = 0;  // 0: the machine's.
};

TEST_F(SignOnTest, WalksTheCodeFlowWithEachSignature) {
  for (const std::string id : {"zhili-rs", "zhili-es", "zhili-ed"}) {
    config_.client_id = id;
    SignOnClient signing_on = client();
    const auto begun = signing_on.begin();
    ASSERT_TRUE(begun) << begun.error().text();
    const SignOnAnswer answer = browse(begun->url);
    ASSERT_FALSE(answer.code.empty()) << answer.error;
    EXPECT_EQ(answer.issuer, provider_->issuer());
    const auto person = signing_on.finish(begun->ticket, answer);
    ASSERT_TRUE(person) << id << person.error().text();
    EXPECT_EQ(person->external_id, provider_->issuer() + "|li.si");
    EXPECT_EQ(person->login, "li.si");
    EXPECT_EQ(person->name, "姓名 li.si");
    EXPECT_EQ(person->posts, (std::vector<Assignment>{{"clerk", "", ""}}));
    EXPECT_TRUE(person->second_factor);
    // The code is used up.
    EXPECT_NE(problem(signing_on.finish(begun->ticket, answer)), "");
  }
}

TEST_F(SignOnTest, AClientMayHaveASecret) {
  config_.client_id = "zhili-secret";
  config_.client_secret = "a secret/+:";
  SignOnClient right = client();
  EXPECT_EQ(walk(right), "");
  config_.client_secret = "another";
  SignOnClient wrong = client();
  EXPECT_NE(walk(wrong).find("refused by the provider"), std::string::npos);
}

TEST_F(SignOnTest, AnotherOnesAnswerIsRefused) {
  SignOnClient signing_on = client();
  const auto mine = signing_on.begin();
  const auto others = signing_on.begin();
  ASSERT_TRUE(mine && others);
  const SignOnAnswer answer = browse(others->url);
  EXPECT_NE(problem(signing_on.finish(mine->ticket, answer)).find("'state'"), std::string::npos);
  EXPECT_NE(problem(signing_on.finish("nonsense", answer)).find("begun elsewhere"), std::string::npos);
  EXPECT_NE(problem(signing_on.finish(mine->ticket.substr(1), answer)), "");
  SignOnAnswer mixed = answer;
  mixed.issuer = "https://evil.example";
  EXPECT_NE(problem(signing_on.finish(others->ticket, mixed)).find("'iss'"), std::string::npos);
  SignOnAnswer ended = answer;
  ended.error = "access_denied";
  EXPECT_NE(problem(signing_on.finish(others->ticket, ended)), "");
  // A code that was injected into a sign-in of one's own fails at the verifier.
  SignOnAnswer injected = answer;
  injected.state = browse(mine->url).state;
  EXPECT_NE(problem(signing_on.finish(mine->ticket, injected)).find("refused by the provider"), std::string::npos);
}

TEST_F(SignOnTest, ATicketLastsTenMinutes) {
  SignOnClient signing_on = client();
  const auto begun = signing_on.begin();
  const SignOnAnswer answer = browse(begun->url);
  now_ = store::system_now() + SignOnClient::kTicketTime;
  EXPECT_NE(problem(signing_on.finish(begun->ticket, answer)).find("took too long"), std::string::npos);
}

TEST_F(SignOnTest, AWrongNonceIsRefused) {
  SignOnClient signing_on = client();
  EXPECT_NE(
      walk(signing_on, [](SignOnClient::Begun& begun) { begun.url.replace(begun.url.find("&nonce=") + 7, 3, "xyz"); })
          .find("'nonce'"),
      std::string::npos);
}

TEST_F(SignOnTest, AnExpiredTokenIsRefused) {
  SignOnClient signing_on = client();
  http_.bend = [this](const std::string& url, std::string&) {
    if (url.ends_with("/token")) now_ = store::system_now() + 400 * kSecond;  // It is good for 300 s.
  };
  EXPECT_NE(walk(signing_on).find("'exp'"), std::string::npos);
}

TEST_F(SignOnTest, ATokenForAnotherClientIsRefused) {
  // The other client walks the flow, and its real token is put before us.
  std::string token_answer;
  config_.client_id = "other";
  SignOnClient other = client();
  http_.bend = [&](const std::string& url, std::string& body) {
    if (url.ends_with("/token")) token_answer = body;
  };
  ASSERT_EQ(walk(other), "");
  config_.client_id = "zhili-rs";
  SignOnClient ours = client();
  http_.bend = [&](const std::string& url, std::string& body) {
    if (url.ends_with("/token")) body = token_answer;
  };
  EXPECT_NE(walk(ours).find("'aud'"), std::string::npos);
}

TEST_F(SignOnTest, AForgedSignatureIsRefused) {
  SignOnClient signing_on = client();
  http_.bend = [](const std::string& url, std::string& body) {
    if (!url.ends_with("/token")) return;
    const size_t begin = body.find("\"id_token\":\"") + 12;
    const size_t last_dot = body.rfind('.', body.find('"', begin));
    body[last_dot + 5] = body[last_dot + 5] == 'A' ? 'B' : 'A';
  };
  EXPECT_NE(walk(signing_on).find("did not sign"), std::string::npos);
}

TEST_F(SignOnTest, ANewKeyIsFetchedAndNotAskedForAgainAndAgain) {
  SignOnClient signing_on = client();
  ASSERT_EQ(walk(signing_on), "");
  EXPECT_EQ(http_.count("/jwks"), 1U);
  ASSERT_EQ(walk(signing_on), "");
  EXPECT_EQ(http_.count("/jwks"), 1U);
  ASSERT_TRUE(CurlFetch().fetch({provider_->issuer() + "/test/rotate", {}, {}}));
  // Too soon behind the last look.
  EXPECT_NE(walk(signing_on).find("unknown key"), std::string::npos);
  EXPECT_EQ(http_.count("/jwks"), 1U);
  now_ = store::system_now() + SignOnClient::kRefetch;
  EXPECT_EQ(walk(signing_on), "");
  EXPECT_EQ(http_.count("/jwks"), 2U);
  EXPECT_EQ(http_.count("/.well-known/"), 1U);
}

TEST_F(SignOnTest, AnotherIssuersDocumentIsRefused) {
  config_.issuer += "/";
  SignOnClient signing_on = client();
  const auto begun = signing_on.begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kConfig);
  config_.issuer = provider_->issuer();
  http_.bend = [](const std::string&, std::string& body) {
    const size_t at = body.find("\"token_endpoint\":\"http://127.0.0.1");
    body.replace(at, 34, "\"token_endpoint\":\"http://evil.test");
  };
  SignOnClient led_astray = client();
  const auto astray = led_astray.begin();
  ASSERT_FALSE(astray);
  EXPECT_NE(astray.error().message.find("https"), std::string::npos);
}

TEST_F(SignOnTest, AProviderThatIsGoneIsSaidToBe) {
  config_.issuer = "http://127.0.0.1:1";
  SignOnClient signing_on = client();
  const auto begun = signing_on.begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kUnavailable);
}

class AdmitTest : public GroundTest {};
ZHILI_ON_BOTH_ENGINES(AdmitTest);

TEST_P(AdmitTest, KnowsMakesAndKeepsPosts) {
  Accounts all = accounts();
  SignOnConfig config;
  config.posts_claim = "groups";
  const Assignment clerk{"clerk", "", ""};
  const Assignment boss{"boss", "", ""};
  const Assignment own{"auditor", "", ""};
  config.posts = {{"clerks", clerk}, {"bosses", boss}};
  ExternalPerson person{"https://sso.example|7", "li.si", "李四", {clerk}, false};
  const auto unknown = admit(all, person, config);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  config.create_accounts = true;
  const auto id = admit(all, person, config);
  ASSERT_TRUE(id) << id.error().text();
  EXPECT_EQ(all.find(*id)->login, "li.si");
  EXPECT_EQ(all.find(*id)->external_id, person.external_id);
  ASSERT_EQ(all.posts(*id)->size(), 1U);
  // The provider changes its mind; what was given here stays.
  ASSERT_TRUE(all.give_post(*id, {own, {}}, "admin"));
  person.posts = {boss};
  EXPECT_EQ(*admit(all, person, config), *id);
  const auto posts = all.posts(*id);
  ASSERT_EQ(posts->size(), 2U);
  EXPECT_EQ(posts->at(0).assignment, own);
  EXPECT_EQ(posts->at(1).assignment, boss);
  const size_t before = events().size();
  EXPECT_EQ(*admit(all, person, config), *id);
  EXPECT_EQ(events().size(), before);
  // Nobody takes an account over by its login name.
  make_account("wangwu");
  const ExternalPerson impostor{"https://sso.example|8", "wangwu", "", {boss}, false};
  const auto taken = admit(all, impostor, config);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace zhili::identity
