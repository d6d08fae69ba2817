#include "cli/version.hpp"

namespace zhili::cli {

const char* version() { return "0.1.0"; }

}  // namespace zhili::cli
