#include "http/contract_text.hpp"

namespace zhili::http {

std::string_view contract_yaml() {
  static constexpr std::string_view kText =
#include "openapi.inc"
      ;
  return kText;
}

}  // namespace zhili::http
