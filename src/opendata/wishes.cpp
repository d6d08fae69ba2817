#include "opendata/wishes.hpp"

#include "vault/refusals.hpp"
#include "vault/words.hpp"

namespace zhili::opendata {
namespace {

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
constexpr size_t kLongNumber = 11;  // Digits of a mobile telephone; those of an ID number are more.

bool has_long_number(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (++digits == kLongNumber) return true;
    } else if (c != ' ' && c != '-') {
      digits = 0;
    }
  }
  return false;
}

Wish wish_of(const store::Row& row) {
  return {std::string(row.text(0)),
          row.int64(1),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          std::string(row.text(5)),
          row.int64(6),
          std::string(row.text(7))};
}

constexpr std::string_view kSelect =
    "SELECT id, at, title, wish, state, answer, answered_at, answered_by FROM open_wish WHERE area_id = $1 ";

}  // namespace

Result<Wish> Wishes::ask(const std::string& title, const std::string& text) const {
  const OpenGround& ground = publications_.ground();
  if (title.empty() || title.size() > kWishTitle || text.size() > kWishBytes) {
    return fail(ErrorCode::kInput, {}, "Say in one line which data, and below what for.",
                "a title of 1 to {} bytes and a text of at most {}", kWishTitle, kWishBytes);
  }
  if (has_long_number(title) || has_long_number(text)) {
    return fail(ErrorCode::kInput, {}, "Leave ID numbers and telephone numbers out.",
                "the text holds a long number, which may be somebody's");
  }
  ZHILI_ASSIGN(auto entry, ground.log.draft(audit::Action::kCreate, audit::Ref::of_actor("")));
  Wish out{entry.id(), ground.store.now(), title, text, "asked", {}, 0, {}};
  entry.object(audit::Ref::by_id(audit::Kind::kCase, out.id)).purpose(vault::word_of(kPurpose));
  const Status done = ground.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto today, tx.query("SELECT count(*) FROM open_wish WHERE area_id = $1 AND at > $2",
                                            {ground.area_id, out.at - kDay}));
    if (today[0].int64(0) >= kWishesADay) {
      return fail(ErrorCode::kBusy, {}, "Ask again tomorrow.", "the box of requests is full for today");
    }
    ZHILI_TRY(
        tx.execute("INSERT INTO open_wish (area_id, id, at, title, wish, state, answer, answered_at, answered_by) "
                   "VALUES ($1, $2, $3, $4, $5, 'asked', '', 0, '')",
                   {ground.area_id, out.id, out.at, out.title, out.text}));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return out;
}

Result<std::vector<Wish>> Wishes::list(const identity::Actor& actor, std::string_view before, size_t limit) const {
  ZHILI_TRY(publications_.require(actor, "read", vault::department_of(actor)));
  if (limit == 0 || limit > kWishPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page.", "a page has 1 to {} requests", kWishPage);
  }
  const OpenGround& ground = publications_.ground();
  ZHILI_ASSIGN(const auto rows, ground.store.query(std::string(kSelect) + "AND ($2 = '' OR id < $2) ORDER BY id DESC "
                                                                          "LIMIT $3",
                                                   {ground.area_id, before, static_cast<int64_t>(limit)}));
  std::vector<Wish> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(wish_of(row));
  return out;
}

Result<Wish> Wishes::answer(const identity::Actor& actor, std::string_view id, const std::string& text) const {
  ZHILI_TRY(publications_.require(actor, "decide", vault::department_of(actor)));
  if (text.empty() || text.size() > kWishBytes) {
    return fail(ErrorCode::kInput, {}, "", "an answer of 1 to {} bytes is needed", kWishBytes);
  }
  const OpenGround& ground = publications_.ground();
  ZHILI_ASSIGN(auto entry, ground.log.draft(audit::Action::kDecide, audit::Ref::of_actor(actor.account)));
  entry.object(audit::Ref::by_id(audit::Kind::kCase, id)).purpose(vault::word_of(kPurpose)).change(text);
  Wish out;
  const Status done = ground.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto rows, tx.query(std::string(kSelect) + "AND id = $2", {ground.area_id, id}));
    if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "", "there is no such request");
    out = wish_of(rows[0]);
    if (out.state != "asked") return fail(ErrorCode::kConflict, {}, "Read it again.", "the request was answered");
    out.state = "answered";
    out.answer = text;
    out.answered_at = ground.store.now();
    out.answered_by = actor.account;
    ZHILI_TRY(
        tx.execute("UPDATE open_wish SET state = 'answered', answer = $3, answered_at = $4, answered_by = $5 "
                   "WHERE area_id = $1 AND id = $2",
                   {ground.area_id, id, text, out.answered_at, actor.account}));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return out;
}

}  // namespace zhili::opendata
