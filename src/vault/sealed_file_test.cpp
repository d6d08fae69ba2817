#include "vault/sealed_file.hpp"

#include <filesystem>

#include "base/output_dir.hpp"
#include "base/random.hpp"
#include "vault/rotation.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

class SealedFiles : public VaultTest {
 protected:
  std::filesystem::path path() { return database().dir() / "some.sealed"; }
  /// Of several pieces, the last not whole.
  static std::string content() {
    std::string out;
    Random random(3);
    while (out.size() < 3 * kPieceBytes + 777) out += fmt::format("张三丰 {}\n", random.next());
    return out;
  }
  void write(const std::string& bytes) {
    auto file = SealedFileWriter::create(*vault_, path(), "f1");
    ASSERT_TRUE(file) << file.error().text();
    for (size_t at = 0; at < bytes.size(); at += 1000)
      ASSERT_TRUE((*file)->write(std::string_view(bytes).substr(at, 1000)));
    ASSERT_EQ((*file)->finish().value_or(0), bytes.size());
  }
};

TEST_P(SealedFiles, AnyPartIsReadAndNothingLiesInClear) {
  const std::string bytes = content();
  write(bytes);
  auto file = SealedFile::open(*vault_, path(), "f1", bytes.size());
  ASSERT_TRUE(file) << file.error().text();
  std::string whole;
  while (whole.size() < bytes.size()) {
    const auto piece = (*file)->read(whole.size(), kPieceBytes);
    ASSERT_TRUE(piece) << piece.error().text();
    whole += *piece;
  }
  EXPECT_EQ(whole, bytes);
  EXPECT_EQ((*file)->read(70'000, 10).value_or(""), bytes.substr(70'000, 10));
  EXPECT_TRUE((*file)->read(bytes.size(), 10)->empty());
  const auto raw = read_file(path(), size_t{1} << 24);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->find("张三丰"), std::string::npos);
  // New keys of the vault leave it readable.
  ASSERT_TRUE(Rotation(*vault_).rotate("", Cancel()));
  file = SealedFile::open(*vault_, path(), "f1", bytes.size());
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ((*file)->read(0, 100).value_or(""), bytes.substr(0, 100));
  ASSERT_TRUE(SealedFile::forget(*vault_, "f1"));
  EXPECT_EQ(SealedFile::open(*vault_, path(), "f1", bytes.size()).error().code, ErrorCode::kNotFound);
}

TEST_P(SealedFiles, WhatWasBentIsNotRead) {
  const std::string bytes = content();
  write(bytes);
  auto raw = read_file(path(), size_t{1} << 24).value();
  EXPECT_EQ(SealedFile::open(*vault_, path(), "f1", bytes.size() + 1).error().code, ErrorCode::kInput);
  // The first two pieces change places.
  const size_t piece = (raw.size() - bytes.size()) / 4 + kPieceBytes;
  std::swap_ranges(raw.begin(), raw.begin() + static_cast<ptrdiff_t>(piece),
                   raw.begin() + static_cast<ptrdiff_t>(piece));
  std::filesystem::remove(path());
  ASSERT_TRUE(write_file_atomically(path(), raw));
  auto file = SealedFile::open(*vault_, path(), "f1", bytes.size());
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_FALSE((*file)->read(0, 10));
  EXPECT_TRUE((*file)->read(2 * kPieceBytes, 10));
}

ZHILI_ON_BOTH_ENGINES(SealedFiles);

}  // namespace
}  // namespace zhili::vault
