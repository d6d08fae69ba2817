#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace zhili::table {

/// How a file's bytes stand for characters.
enum class Charset { kUtf8, kGb18030, kUtf16Le, kUtf16Be };
/// "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE".
std::string_view charset_name(Charset charset);

/// Stands in decoded text for a byte that means nothing in its charset. It never occurs in UTF-8, so that one check of
/// the decoded text finds bad bytes of every charset.
inline constexpr char kBadByte = '\xFF';

/// Decodes as much of `from` as is whole, writes UTF-8 to `to` (which has room for decoded_bound(from.size())) and
/// returns the count written; `used` tells how many bytes of `from` were taken. Fewer than 4 bytes are left over unless
/// at_end is set: then a cut character becomes kBadByte.
/// GB18030 is the edition of 2005 with user-defined characters in the private use area; the single byte 0x80 is read as
/// the euro sign, as code page 936 writes it.
size_t decode(Charset charset, std::string_view from, bool at_end, char* to, size_t& used);
constexpr size_t decoded_bound(size_t bytes) { return 3 * bytes + 16; }

/// Writes UTF-8 text as GB18030 to `to`, which has room for twice as many bytes, and returns the count written;
/// kNotUtf8 where the text is no UTF-8.
size_t encode_gb18030(std::string_view utf8, char* to);
inline constexpr size_t kNotUtf8 = static_cast<size_t>(-1);

/// Bytes of the character that starts at bytes[at]; 0 where no whole UTF-8 character does.
size_t utf8_length(std::string_view bytes, size_t at);
/// Offset of the first byte that starts no whole UTF-8 character; npos when all is well.
size_t first_invalid_utf8(std::string_view bytes);
/// True where bytes are ASCII.
bool is_ascii(std::string_view bytes);

/// What unmarked bytes probably are.
enum class Guess { kAscii, kUtf8, kGb18030, kOther };
/// Judges a sample that may end within a character. kOther: most bytes over 0x7F are no characters of either, or they
/// look like a single-byte Western code page.
Guess guess_charset(std::string_view sample);
/// True where so many characters are whole UTF-8 that the bytes can't be GB18030.
bool is_surely_utf8(std::string_view sample);

}  // namespace zhili::table
