#pragma once

#include <string_view>

namespace zhili::http {

/// "OK"
std::string_view status_text(int status);

}  // namespace zhili::http
