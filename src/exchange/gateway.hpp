#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "exchange/requests.hpp"
#include "exchange/signing.hpp"
#include "vault/door.hpp"

/// Use of grants: each call is counted and logged, answered by the vault's door, and signed.
namespace zhili::exchange {

inline constexpr size_t kSignQueue = 4096;  ///< Answers that wait for their signature.
inline constexpr size_t kCallPage = 200;

/// A question under a grant.
struct Use {
  identity::Actor actor;
  std::string grant;
  std::vector<std::vector<std::string>> keys;  ///< As in vault::RowsAsk.
  std::string by;
  std::string value;
  std::vector<std::string> fields;
  std::string how;
};

/// What is told. Codes of refusals, beside those of the door: grant_unknown, grant_not_yours, grant_not_in_force (never
/// approved, or given back), grant_expired, grant_revoked, over_rate_minute, over_rate_day.
struct Used {
  vault::RowsAnswer rows;
  std::string answer;  ///< As JSON, canonical: keys in order, no spaces; these bytes are signed. Empty where refused.
  std::string note;    ///< The signed statement. Empty where refused.
};

/// The JSON that is signed: {"dataset", "entry", "fields": [{"field", "masked"}], "grant", "more", "rows": [[…]],
/// "time"}; a value that the row does not have is null.
std::string answer_json(const vault::RowsAnswer& rows);

/// May be used by many threads; requests, door and store outlive it.
class Gateway {
 public:
  static Result<std::unique_ptr<Gateway>> open(Requests& requests, vault::Door& door, Signer signer);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  /// Answers what was asked before it ends.
  ~Gateway();

  /// Does not wait; `done` is called once, on a thread of the gateway or the store's: it is quick. Ledger lines, entry,
  /// counts and limits are one change with the answer, over all servers; refused calls are counted and logged as well.
  /// Errors: as vault::Door::rows; kBusy where too many answers wait for their signature: then the rows count as told.
  void use(Use use, vault::Answered<Used> done);
  /// Waits for the answer.
  Result<Used> use_now(Use use);

  struct Day {
    int64_t day = 0;  ///< Days since 1970, by the calendar's clock.
    int64_t calls = 0;
    int64_t rows = 0;
    int64_t refused = 0;
  };
  /// Newest first, at most a year. Shown to both sides. Error: kNotFound, also where it may not be seen.
  Result<std::vector<Day>> days(const identity::Actor& actor, std::string_view grant,
                                std::string_view purpose = "") const;

  struct Call {
    std::string entry;
    int64_t time = 0;
    std::string actor;
    std::string action;
    int64_t rows = 0;
    std::string refusal;  ///< Its code; empty where it was answered.
  };
  /// Newest first; `before` is the entry of the last one that is known.
  Result<std::vector<Call>> calls(const identity::Actor& actor, std::string_view grant, std::string_view before = "",
                                  size_t limit = 50, std::string_view purpose = "") const;

  Result<audit::VerifyKey> verify_key() const;

  // For the room's own parts.

  /// What a grant opens to an actor, by the state of the data that it is asked in.
  vault::OpenGrant opens(const identity::Actor& actor, const std::string& grant) const;
  /// Counts and logs within the change, and refuses what is over its limits or was ended meanwhile. `action` stands in
  /// the log of calls. Where `counts` is false, a call that goes on is not counted again.
  vault::Admit admits(const identity::Actor& actor, const std::string& grant, const std::string& action,
                      bool counts = true) const;
  const Signer& signer() const;

 private:
  struct State;
  explicit Gateway(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A refusal in both languages by its code.
vault::Refusal refusal_by(std::string_view code);

}  // namespace zhili::exchange
