#include "base/version.hpp"

namespace zhili {

const char* version() { return "0.1.0"; }

}  // namespace zhili
