#include "audit/note.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/checkpoint.hpp"
#include "audit/key.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

// The example in the documentation of golang.org/x/mod/sumdb/note.
constexpr std::string_view kGoKey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n";
constexpr std::string_view kGoVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kGoLine =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / fmt::format("zhili-audit-note-{}", ::getpid());
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

TEST(Note, SignsAsGoDoes) {
  const auto key = SignKey::parse(kGoKey);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->verify_key()->text(), kGoVerifier);
  const auto signature = key->sign(kGoText);
  ASSERT_TRUE(signature);
  EXPECT_EQ(to_line(*signature), kGoLine);
}

TEST(Note, ReadsTheSpecificationsExample) {
  const auto note = parse_note(
      "This is an example message.\n\n— example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
  ASSERT_TRUE(note) << note.error().text();
  std::vector<VerifyKey> keys;
  keys.push_back(*VerifyKey::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"));
  keys.push_back(*VerifyKey::parse(kGoVerifier));
  const auto found = verify_note(*note, keys);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ((*found)[0], 0U);
  EXPECT_EQ((*found)[1], std::nullopt);
}

TEST(Note, KeepsEmptyLinesInItsText) {
  const std::string text = "first\n\nthird\n";
  const std::string bytes = text + "\n" + std::string(kGoLine);
  const auto note = parse_note(bytes);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, text);
  EXPECT_EQ(to_text(*note), bytes);
}

TEST(Note, RefusesWhatIsNone) {
  const std::string line(kGoLine);
  for (const std::string& wrong : std::vector<std::string>{
           "", "\n", "text\n", "text\n\n", "text\n" + line, "text\n\n" + line.substr(0, line.size() - 1),
           "text\n\n" + line + "x\n", "te\txt\n\n" + line, "te\xffxt\n\n" + line, "\xc0\x80\n\n" + line,
           "\xed\xa0\x80\n\n" + line, "text\n\n— a b c\n", "text\n\n— a+b AAAAAAAA\n", "text\n\n— a AAAAAA==\n",
           "text\n\n— a AAAAAAB=\n", "text\n\n-- a AAAAAAAA\n", "text\n\n—  AAAAAAAA\n",
           "text\n\n— a\xc2\xa0 AAAAAAAA\n"}) {
    EXPECT_FALSE(parse_note(wrong)) << wrong;
  }
  std::string many = "text\n\n";
  for (size_t i = 0; i < limits::kNoteSignatures; ++i) many += line;
  EXPECT_TRUE(parse_note(many));
  EXPECT_EQ(parse_note(many + line).error().code, ErrorCode::kLimit);
  EXPECT_EQ(parse_note(std::string(limits::kNoteBytes + 1, 'a')).error().code, ErrorCode::kLimit);
}

TEST(Note, FindsEveryChangedBit) {
  const auto key = SignKey::parse(kGoKey);
  ASSERT_TRUE(key);
  std::vector<VerifyKey> keys;
  keys.push_back(*key->verify_key());
  const std::string bytes = std::string(kGoText) + "\n" + std::string(kGoLine);
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string changed = bytes;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    const auto note = parse_note(changed);
    if (!note) continue;
    const auto found = verify_note(*note, keys);
    EXPECT_TRUE(!found || !(*found)[0]) << changed;
  }
}

TEST(VerifyKey, RefusesWhatIsNone) {
  for (const std::string_view wrong :
       {"", "+", "++", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AQ==", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"}) {
    const auto key = VerifyKey::parse(wrong);
    ASSERT_FALSE(key) << wrong;
    EXPECT_FALSE(key.error().hint.empty());
  }
  // A point beside the curve.
  std::string point(65, '\x05');
  point[0] = '\x04';
  EXPECT_FALSE(VerifyKey::create("name", SignatureType::kSm2, point));
}

TEST_F(KeyFile, SignsAndVerifiesWithEachKind) {
  for (const KeyKind kind : {KeyKind::kEd25519, KeyKind::kSm2}) {
    const auto made = SignKey::generate("district.example/audit", kind);
    ASSERT_TRUE(made) << made.error().text();
    const auto path = directory_ / fmt::format("key-{}", static_cast<int>(kind));
    ASSERT_TRUE(made->write(path));
    const auto key = SignKey::read(path);
    ASSERT_TRUE(key) << key.error().text();
    EXPECT_EQ(key->kind(), kind);
    EXPECT_EQ(key->name(), "district.example/audit");
    const auto verifier = VerifyKey::parse(key->verify_key()->text());
    ASSERT_TRUE(verifier) << verifier.error().text();
    EXPECT_EQ(verifier->text(), made->verify_key()->text());
    const auto signature = made->sign("text\n");
    ASSERT_TRUE(signature) << signature.error().text();
    EXPECT_TRUE(verifier->made(*signature));
    EXPECT_TRUE(verifier->verify("text\n", signature->bytes));
    EXPECT_FALSE(verifier->verify("texT\n", signature->bytes));
    EXPECT_FALSE(verifier->verify("text\n", signature->bytes.substr(1)));
    EXPECT_FALSE(verifier->verify("text\n", signature->bytes + "x"));
    for (size_t bit = 0; bit < 512; bit += 3) {
      std::string changed = signature->bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(verifier->verify("text\n", changed));
    }
  }
}

TEST_F(KeyFile, CosignsWithATime) {
  for (const KeyKind kind : {KeyKind::kEd25519, KeyKind::kSm2}) {
    const auto key = SignKey::generate("witness.example/w1", kind);
    ASSERT_TRUE(key);
    const auto verifier = VerifyKey::parse(key->cosigner_key()->text());
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verifier->cosigner());
    EXPECT_NE(verifier->id(), key->verify_key()->id());
    const auto signature = key->cosign("log\n0\nroot\n", 1679315147);
    ASSERT_TRUE(signature);
    EXPECT_EQ(cosigned_at(signature->bytes), 1679315147);
    EXPECT_TRUE(verifier->verify("log\n0\nroot\n", signature->bytes));
    EXPECT_FALSE(key->verify_key()->verify("log\n0\nroot\n", signature->bytes));
    std::string later = signature->bytes;
    later[7] = static_cast<char>(later[7] + 1);
    EXPECT_FALSE(verifier->verify("log\n0\nroot\n", later));
    EXPECT_FALSE(key->cosign("log\n0\nroot\n", 0));
  }
}

TEST_F(KeyFile, IsForItsOwnersEyesOnly) {
  const auto path = directory_ / "key";
  const auto key = SignKey::generate("log", KeyKind::kEd25519);
  ASSERT_TRUE(key);
  ASSERT_TRUE(key->write(path));
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  EXPECT_FALSE(key->write(path));  // Never overwritten.
  for (const mode_t mode : {0640U, 0604U, 0610U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto refused = SignKey::read(path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
    EXPECT_EQ(refused.error().hint, "chmod 600 " + path.string());
  }
  EXPECT_EQ(SignKey::read(directory_ / "none").error().code, ErrorCode::kNotFound);
}

TEST(SignKey, RefusesWhatIsNone) {
  for (const std::string_view wrong :
       {"", "PRIVATE+KEY+", "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AoEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "Name: x", "Name: x\nPEM",
        "-----BEGIN PRIVATE KEY-----\n"}) {
    EXPECT_EQ(SignKey::parse(wrong).error().code, ErrorCode::kConfig) << wrong;
  }
  EXPECT_FALSE(SignKey::generate("a b", KeyKind::kEd25519));
  EXPECT_FALSE(SignKey::generate("", KeyKind::kSm2));
}

TEST(Checkpoint, ComesBackAsItWasWritten) {
  Checkpoint checkpoint{"example.com/behind-the-sofa", {20852163, {}}, HashKind::kSha256, {}};
  checkpoint.head.root = hash_from_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").value_or(Hash{});
  EXPECT_EQ(to_text(checkpoint),
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
  EXPECT_EQ(*parse_checkpoint(to_text(checkpoint)), checkpoint);
  checkpoint.hash = HashKind::kSm3;
  checkpoint.extensions = {"one", "two"};
  EXPECT_EQ(*parse_checkpoint(to_text(checkpoint)), checkpoint);
}

TEST(Checkpoint, RefusesWhatIsNone) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  for (const std::string& wrong : std::vector<std::string>{
           "", "a\n", "a\n1\n", "a\n01\n" + root, "a\n-1\n" + root, "a\n\n" + root, "\n1\n" + root, "a\n1\nAAAA\n",
           "a\n18446744073709551616\n" + root, "a\n1\n" + root + "\n", "a\n1\n" + root + "x", "a\n1 \n" + root}) {
    EXPECT_FALSE(parse_checkpoint(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace zhili::audit
