#pragma once

#include "store/store.hpp"

namespace zhili::store {

/// The outbox as the writer fills it.
const Appendable& outbox_rows();

}  // namespace zhili::store
