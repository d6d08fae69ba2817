#pragma once

#include <string>

#include "identity/accounts.hpp"
#include "identity/sign_on.hpp"

namespace zhili::identity {

/// The account of someone whom a provider vouches for, brought up to what the provider says: made if the configuration
/// allows, its posts among the configured ones given and taken. An account that was made here is never taken over by
/// its login name: an administrator binds it (Accounts::set_external_id). Errors: kNotFound for someone without
/// account; kConflict where a new account's login name is another's.
Result<std::string> admit(Accounts& accounts, const ExternalPerson& person, const SignOnConfig& config);

}  // namespace zhili::identity
