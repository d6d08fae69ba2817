#pragma once

#include <string_view>

namespace zhili::http {

/// schemas/openapi.yaml, as the program was built with it.
std::string_view contract_yaml();

}  // namespace zhili::http
