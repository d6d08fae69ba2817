#pragma once

#include <vector>

#include "store/migration.hpp"

namespace zhili::identity {

/// The room's tables in the store. All are small: who works here, and not who lives here.
std::vector<store::Migration> migrations();

}  // namespace zhili::identity
