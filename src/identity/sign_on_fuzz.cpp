// What comes from sign-on providers, browsers and administrators: the first byte chooses the reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/encoding.hpp"
#include "identity/json_text.hpp"
#include "identity/login_name.hpp"
#include "identity/sign_on_config.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::identity;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: {
      const auto config = parse_sign_on(bytes, "/nonexistent/sign_on.yaml");
      require(config ? is_safe_url(config->issuer) : !config.error().text().empty());
      break;
    }
    case 1: {
      const auto name = login_name(bytes);
      if (!name) break;
      // The form in which a name is kept stands for itself.
      const auto again = login_name(name->text);
      require(again && again->text == name->text && again->skeleton == name->skeleton);
      break;
    }
    case 2: {
      const auto url = from_base64url(bytes);
      require(!url || to_base64url(*url) == bytes);
      require(from_base64url(to_base64url(bytes)) == bytes);
      const auto words = from_base32(bytes);
      require(!words || from_base32(to_base32(*words)) == *words);
      require(from_base32(to_base32(bytes)) == bytes);
      break;
    }
    default: {
      const auto object = parse_object(bytes, 4096, "The answer");
      if (!object) break;
      for (const auto& member : *object) {
        (void)text_member(*object, member.key());
        (void)seconds_member(*object, member.key());
      }
    }
  }
  return 0;
}
