#include "identity/login_name.hpp"

#include <memory>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include "base/limits.hpp"

namespace zhili::identity {
namespace {

struct CloseChecker {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

bool is_plain(UChar32 c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '@';
}

/// Han letters, but for characters that are another one's compatibility form; so not 〇 either, which is a number.
bool is_name_ideograph(UChar32 c, const icu::Normalizer2& compatible) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error) == USCRIPT_HAN && U_SUCCESS(error) && u_charType(c) == U_OTHER_LETTER &&
         compatible.isInert(c);
}

std::unexpected<Error> refused(std::string_view problem) {
  return fail(ErrorCode::kInput, {}, "Use Latin letters, digits, Han characters, '.', '_', '-' and '@'.",
              "The login name {}", problem);
}

std::unexpected<Error> no_tables() {
  return fail(ErrorCode::kInternal, {}, "Look at the installation of ICU.", "ICU's tables can't be read");
}

Result<std::string> skeleton_of(const icu::UnicodeString& name) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<USpoofChecker, CloseChecker> checker(uspoof_open(&error));
  icu::UnicodeString skeleton;
  if (U_SUCCESS(error)) uspoof_getSkeletonUnicodeString(checker.get(), 0, name, skeleton, &error);
  if (U_FAILURE(error)) return no_tables();
  std::string out;
  skeleton.toUTF8String(out);
  return out;
}

}  // namespace

Result<LoginName> login_name(std::string_view typed) {
  if (typed.size() > limits::kLoginNameBytes) return refused("is too long");
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* compatible = icu::Normalizer2::getNFKCInstance(error);
  if (U_FAILURE(error)) return no_tables();
  icu::UnicodeString name = icu::UnicodeString::fromUTF8({typed.data(), static_cast<int32_t>(typed.size())});
  name.trim();
  icu::UnicodeString narrow;
  for (int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
    UChar32 c = name.char32At(i);
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - '!';
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (!is_plain(c) && !is_name_ideograph(c, *compatible)) {
      return refused(c == 0xFFFD ? "is not UTF-8"
                                 : fmt::format("has the character U+{:04X}", static_cast<uint32_t>(c)));
    }
    narrow.append(c);
  }
  if (narrow.countChar32() < 2) return refused("is too short");
  LoginName out;
  narrow.toUTF8String(out.text);
  ZHILI_ASSIGN(out.skeleton, skeleton_of(narrow));
  return out;
}

}  // namespace zhili::identity
