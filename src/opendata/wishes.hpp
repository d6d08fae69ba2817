#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "opendata/publications.hpp"

/// What people ask to be opened, and what becomes of it.
namespace zhili::opendata {

inline constexpr size_t kWishTitle = 200;  ///< Bytes.
inline constexpr size_t kWishBytes = 4000;
inline constexpr size_t kWishPage = 200;
inline constexpr int64_t kWishesADay = 1000;  ///< More are not taken: somebody fills the box.

struct Wish {
  std::string id;
  int64_t at = 0;
  std::string title;
  std::string text;
  std::string state;  ///< asked, answered.
  std::string answer;
  int64_t answered_at = 0;
  std::string answered_by;
};

/// May be used by many threads and servers; its functions wait for the store. The publications outlive it.
class Wishes {
 public:
  explicit Wishes(const Publications& publications) : publications_(publications) {}

  /// By anybody, who is not asked who it is. Errors: kInput for an empty text, one that is too long, or one that holds
  /// a long number, as ID numbers and telephones are; kBusy over kWishesADay.
  Result<Wish> ask(const std::string& title, const std::string& text) const;

  /// Newest first, behind the wish `before`. Decided as `read` on the publications of a department of the actor.
  Result<std::vector<Wish>> list(const identity::Actor& actor, std::string_view before = "", size_t limit = 50) const;
  /// Decided as `decide`. Errors: kNotFound; kConflict where it was answered; kInput.
  Result<Wish> answer(const identity::Actor& actor, std::string_view id, const std::string& text) const;

 private:
  const Publications& publications_;
};

}  // namespace zhili::opendata
