#include "vault/sealer.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "vault/master_keys.hpp"
#include "vault/subject.hpp"

namespace zhili::vault {

/// Opens what the door opens.
struct SealerProbe {
  static Result<std::string> open(Sealer& sealer, const DataKeys& keys, const SealContext& context,
                                  std::string_view sealed) {
    return sealer.open(keys, context, sealed);
  }
};

namespace {

class Sealers : public testing::TestWithParam<CipherKind> {
 protected:
  DataKeys keys_of(const std::vector<uint32_t>& numbers, char secret = 'k') const {
    std::vector<DataKey> keys;
    keys.reserve(numbers.size());
    for (const uint32_t number : numbers) {
      keys.push_back(DataKey::derive(number, GetParam(), std::string(31, secret) + static_cast<char>(number)).value());
    }
    return DataKeys(std::move(keys));
  }
  static constexpr SealContext kContext{7, SealContext::Part::kGolden, "person", "p1"};
};

TEST_P(Sealers, WhatIsSealedOpensAsItselfAlone) {
  const DataKeys keys = keys_of({1, 2});
  Sealer sealer;
  for (const std::string& text : {std::string(), std::string("张三丰"), std::string(100'000, 'x')}) {
    const std::string sealed = sealer.seal(keys.newest(), kContext, text).value();
    EXPECT_EQ(Sealer::key_of(sealed), 2U);
    EXPECT_EQ(SealerProbe::open(sealer, keys, kContext, sealed).value(), text);
    EXPECT_NE(sealer.seal(keys.newest(), kContext, text).value(), sealed);
    for (SealContext other :
         {SealContext{8, kContext.part, "person", "p1"}, SealContext{7, kContext.part, "person", "p2"},
          SealContext{7, kContext.part, "house", "p1"}, SealContext{7, kContext.part, "personp", "1"},
          SealContext{7, SealContext::Part::kProvenance, "person", "p1"}}) {
      EXPECT_EQ(SealerProbe::open(sealer, keys, other, sealed).error().code, ErrorCode::kInput);
    }
    EXPECT_EQ(SealerProbe::open(sealer, keys_of({1}), kContext, sealed).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(SealerProbe::open(sealer, keys_of({2}, 'w'), kContext, sealed).error().code, ErrorCode::kInput);
  }
}

TEST_P(Sealers, AnyBitThatChangesIsNoticed) {
  const DataKeys keys = keys_of({1});
  Sealer sealer;
  const std::string sealed = sealer.seal(keys.newest(), kContext, "990101199001011237").value();
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string bent = sealed;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(SealerProbe::open(sealer, keys, kContext, bent)) << bit;
  }
  for (size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(SealerProbe::open(sealer, keys, kContext, std::string_view(sealed).substr(0, length)));
  }
  EXPECT_FALSE(SealerProbe::open(sealer, keys, kContext, sealed + "x"));
  EXPECT_TRUE(SealerProbe::open(sealer, keys, kContext, sealed));
}

TEST_P(Sealers, DigestsDifferByKeyAndUse) {
  const DataKeys keys = keys_of({1, 2});
  Sealer sealer;
  const auto digest = [&](uint32_t key, Sealer::Digest use) {
    return sealer.digest(*keys.find(key), use, "13800001111").value();
  };
  EXPECT_EQ(digest(1, Sealer::Digest::kIndex), digest(1, Sealer::Digest::kIndex));
  EXPECT_NE(digest(1, Sealer::Digest::kIndex), digest(2, Sealer::Digest::kIndex));
  EXPECT_NE(digest(1, Sealer::Digest::kIndex), digest(1, Sealer::Digest::kContent));
}

INSTANTIATE_TEST_SUITE_P(Ciphers, Sealers, testing::Values(CipherKind::kAes256Gcm, CipherKind::kSm4));

TEST(Documents, ComeBackAsTheyWere) {
  Random random(3);
  for (int round = 0; round < 2'000; ++round) {
    const auto text = [&] {
      std::string out;
      for (uint64_t i = random.below(200); i > 0; --i) out += static_cast<char>(random.below(256));
      return out;
    };
    std::vector<Value> values(random.below(8));
    for (Value& value : values) value = {text(), text(), text(), text(), text(), static_cast<uint32_t>(random.next())};
    EXPECT_EQ(decode_values(encode(values)).value(), values);
    Provenance provenance;
    provenance.records.resize(1 + random.below(5));
    for (Record& record : provenance.records) record = {text(), text(), text()};
    provenance.links.resize(random.below(6));
    for (Link& link : provenance.links) {
      link.a = static_cast<uint32_t>(random.below(provenance.records.size()));
      link.weight = random.normal();
      link.probability = random.uniform();
      link.parts = text();
    }
    const std::string bytes = encode(provenance);
    EXPECT_EQ(decode_provenance(bytes).value(), provenance);
    EXPECT_FALSE(decode_provenance(bytes + "x"));
    EXPECT_FALSE(decode_provenance(std::string_view(bytes).substr(0, random.below(bytes.size()))));
  }
}

TEST(MasterKeyFiles, AreReadAndRefused) {
  const std::string text = MasterKeys::generate().value();
  const auto keys = MasterKeys::parse(text, "key");
  ASSERT_TRUE(keys) << keys.error().text();
  EXPECT_EQ(keys->all().size(), 1U);
  EXPECT_NE(keys->find(keys->first().id), nullptr);
  EXPECT_EQ(MasterKeys::parse(MasterKeys::generate().value() + text, "key")->all().size(), 2U);
  for (const std::string& wrong : {std::string(), std::string("# only words\n"), std::string("secret"), text + text,
                                   std::string("zhili-vault-key-1 AAAA\n")}) {
    const auto refused = MasterKeys::parse(wrong, "key");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
    EXPECT_EQ(refused.error().text().find("AAAA"), std::string::npos);
  }
}

TEST(MasterKeyFiles, OnlyTheOwnerMayReadThem) {
  const auto path = std::filesystem::temp_directory_path() / "zhili-master-key-test";
  std::filesystem::remove(path);
  ASSERT_TRUE(MasterKeys::write_new(path));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(MasterKeys::write_new(path).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(MasterKeys::load(path));
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(MasterKeys::load(path).error().code, ErrorCode::kConfig);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace zhili::vault
