#include "audit/entry.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr int64_t kNow = 1'795'353'600'123'456;  // 2026-11-22T13:20:00.123456Z

EntryDraft begin(Action action = Action::kDisclose) {
  return *EntryDraft::begin(*Hasher::create(HashKind::kSha256), action, Ref::of(Kind::kAccount, 31), kNow);
}

TEST(Entry, IsCanonicalJson) {
  EntryDraft draft = begin();
  draft.object(*Ref::create(Kind::kPerson, "01J9ZCAB"))
      .area(*Area::create("990101001002"))
      .purpose(*Word::create("relief.check-2026"))
      .basis(*Word::create("pipl.13.3"))
      .count(*Word::create("fields"), 2)
      .personal(*Word::create("name"), "张三")
      .personal(*Word::create("id_number"), "990101199001011234")
      .change("{\"status\":\"open\"}");
  auto hasher = Hasher::create(HashKind::kSha256);
  const auto digest = [&](std::string_view field, std::string_view value) {
    return salted_digest(*hasher, draft.salt(), field, value);
  };
  EXPECT_EQ(draft.json(),
            fmt::format(R"({{"action":"disclose","actor":"account:#1f","area":"990101001002","basis":"pipl.13.3",)"
                        R"("change":"{}","counts":{{"fields":2}},"id":"{}","object":"person:01J9ZCAB",)"
                        R"("personal":{{"id_number":"{}","name":"{}"}},"purpose":"relief.check-2026",)"
                        R"("time":"2026-11-22T13:20:00.123456Z","v":1}})",
                        digest("change", "{\"status\":\"open\"}"), draft.id(),
                        digest("id_number", "990101199001011234"), digest("name", "张三")));
}

TEST(Entry, HoldsNoPersonalValueInClear) {
  EntryDraft draft = begin();
  draft.personal(*Word::create("name"), "张三").personal(*Word::create("phone"), "13800138000").change("13800138000");
  const std::string json = draft.json();
  EXPECT_EQ(json.find("张三"), std::string::npos);
  EXPECT_EQ(json.find("13800138000"), std::string::npos);
  // The same value under another salt can't be recognised.
  EntryDraft other = begin();
  other.personal(*Word::create("name"), "张三");
  auto hasher = Hasher::create(HashKind::kSha256);
  EXPECT_NE(salted_digest(*hasher, draft.salt(), "name", "张三"), salted_digest(*hasher, other.salt(), "name", "张三"));
  // Nor can one field's value be taken for another's.
  EXPECT_NE(salted_digest(*hasher, draft.salt(), "name", "张三"), salted_digest(*hasher, draft.salt(), "note", "张三"));
}

TEST(Entry, RefusesWhatCouldBeANumberOfAPerson) {
  for (const std::string_view id : {"990101199001011234", "99010119900101123X", "13800138000", "a13800138000b",
                                    "6222020200112233445", "", "a b", "a\"b", "张三", "a:b"}) {
    const auto ref = Ref::create(Kind::kPerson, id);
    ASSERT_FALSE(ref) << id;
    if (!id.empty()) {
      EXPECT_EQ(ref.error().text().find(id), std::string::npos) << id;
    }
    EXPECT_FALSE(Word::create(id)) << id;
  }
  EXPECT_FALSE(Ref::create(Kind::kPerson, std::string(65, 'a')));
  EXPECT_TRUE(Ref::create(Kind::kPerson, "1234567890"));
  EXPECT_TRUE(Ref::create(Kind::kRecord, "01J9ZCABCDEFGHJKMNPQRSTVWX"));
  for (const std::string_view word : {"1a", "Name", "name ", "a1234567", "_a"})
    EXPECT_FALSE(Word::create(word)) << word;
  for (const std::string_view area : {"13800138000", "990101199001011234", "", "99010", "9901o1"}) {
    EXPECT_FALSE(Area::create(area)) << area;
  }
}

TEST(Entry, IdsSortByTimeAndDoNotRepeat) {
  std::string before;
  for (int64_t i = 0; i < 1000; ++i) {
    const auto draft =
        EntryDraft::begin(*Hasher::create(HashKind::kSm3), Action::kCreate, Ref::of(Kind::kSystem, 0), kNow + i * 1000);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->id().size(), 26U);
    EXPECT_LT(before, draft->id());
    before = draft->id();
  }
  EXPECT_NE(begin().id(), begin().id());
  EXPECT_NE(begin().salt().bytes, begin().salt().bytes);
}

TEST(Refs, OfActorsAreOfAccountsKeysAndTheProgram) {
  EXPECT_EQ(Ref::of_actor("5f4lcio2mggqp2olvx7bwmttly").text(), "account:5f4lcio2mggqp2olvx7bwmttly");
  EXPECT_EQ(Ref::of_actor("key_sldnocjqb3kycqfzxpuqjoe5ma").text(), "system:key_sldnocjqb3kycqfzxpuqjoe5ma");
  EXPECT_EQ(Ref::of_actor("").text(), "system:#0");
}

// Ids are drawn by chance, and whoever drew one that reads like a telephone's number works on.
TEST(Refs, TellAnIdLikeANumberByItsDigest) {
  const std::string like = "a22222222222bcdefghijklmno";
  const std::string told = Ref::of_actor(like).text();
  EXPECT_TRUE(told.starts_with("account:#")) << told;
  EXPECT_EQ(told, Ref::of_actor(like).text());
  EXPECT_NE(told, Ref::of_actor("a33333333333bcdefghijklmno").text());
  EXPECT_TRUE(Ref::of_actor("key_" + like).text().starts_with("system:#"));
}

}  // namespace
}  // namespace zhili::audit
