#include "identity/audit_sink.hpp"

#include <array>

namespace zhili::identity {

std::string_view name_of(EventKind kind) {
  static constexpr std::array<std::string_view, 20> kNames{
      "account_created",   "account_locked",        "account_unlocked",   "account_closed",
      "password_set",      "external_id_set",       "post_given",         "post_taken",
      "second_factor_set", "second_factor_removed", "recovery_code_used", "signed_in",
      "sign_in_refused",   "second_factor_refused", "signed_out",         "signed_out_everywhere",
      "key_issued",        "key_revoked",           "areas_set",          "departments_set"};
  return kNames.at(static_cast<size_t>(kind));
}

}  // namespace zhili::identity
