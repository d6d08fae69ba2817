#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace zhili::twin {

/// The nine departments' registers of people.
enum class Register : uint8_t { kPolice, kSocial, kHealth, kCivil, kEducation, kHousing, kTax, kDisabled, kGrid };
inline constexpr size_t kRegisters = 9;

/// What can be wrong with a record.
enum class ErrorKind : uint8_t {
  kNameShape,
  kNameSound,
  kNameSwap,
  kNameTraditional,
  kNameSpace,
  kNameRare,
  kNameDot,
  kNameNick,
  kIdMissing,
  kIdFifteen,
  kIdDigit,
  kIdSwap,
  kIdCheck,
  kIdForm,
  kBirthMissing,
  kBirthSwap,
  kBirthTypo,
  kBirthLunar,
  kBirthNewYear,
  kBirthYear,
  kSexWrong,
  kPhoneMissing,
  kPhoneRelative,
  kPhoneTypo,
  kPhoneForm,
  kAddressMissing,
  kAddressBook,
  kAddressFree,
  kAddressTypo,
  kAddressNoRoom,
  kDuplicate,
  kDeadKept,
  kLeftKept,
  kFirmShort,
  kFirmCodeMissing,
  kPositionMissing,
};
inline constexpr size_t kErrorKinds = 36;

/// One line of the table: how many in a thousand of the records to which the error can happen have it, by register.
/// A register without the column in question has 0.
struct ErrorRow {
  ErrorKind kind;
  std::string_view id;
  std::string_view what;    ///< The error, and to which records it can happen.
  std::string_view reason;  ///< Why it happens, and why in these registers most.
  std::array<double, kRegisters> per_thousand;
};

/// The one table of error rates. The rates are judgements, set after what is published of such registers: police and
/// tax check the ID number against the national file, others take what the applicant writes, and grid workers write
/// down what a neighbour says. docs/twin.md shows the table; a test keeps the two the same.
// clang-format off
inline constexpr std::array<ErrorRow, kErrorKinds> kErrorTable = {{
    //                                                                                      police social health civil  educ. housing tax  disab. grid
    {ErrorKind::kNameShape, "name_shape", "a character is replaced by one that looks like it",
     "Copied by eye from handwriting, or picked wrongly in five-stroke input (五笔).",       {  1,     4,    6,     4,    3,    4,    3,    5,   12}},
    {ErrorKind::kNameSound, "name_sound", "a character is replaced by one that sounds like it",
     "Heard, not read; or the wrong candidate in pinyin input. Most where people are asked at the door.",
                                                                                            {  0.5,   4,    8,     4,    3,    3,    3,    6,   20}},
    {ErrorKind::kNameSwap, "name_swap", "the two characters of the given name change places",
     "Typing.",                                                                             {  0.1,   0.5,  1,     0.5,  0.5,  0.5,  0.5,  0.5,  2}},
    {ErrorKind::kNameTraditional, "name_traditional", "the name is in traditional characters",
     "People from Hong Kong or Taiwan, old certificates, and fashion; oldest in land records.",
                                                                                            {  0.5,   1,    1,     1,    1,    3,    1,    1,    2}},
    {ErrorKind::kNameSpace, "name_space", "spaces stand in or after the name",
     "Two-character names are stretched with a space so that columns line up in print.",     {  5,    10,   15,    15,   20,   10,    5,   20,   10}},
    {ErrorKind::kNameRare, "name_rare", "of names with a rare character: it is written in pinyin, as ? or left out",
     "The system's character set or input method lacks it (生僻字).",                        { 50,   400,  500,   400,  300,  300,  350,  450,  800}},
    {ErrorKind::kNameDot, "name_dot", "of names with a middle dot: it is a full stop, another dot or missing",
     "There are seven dots that look alike; input methods give different ones.",             {100,   400,  500,   400,  300,  300,  400,  400,  700}},
    {ErrorKind::kNameNick, "name_nick", "the surname with 老, 小 or a form of address stands for the name",
     "A neighbour knows no more.",                                                          {  0,     0,    0,     0,    0,    0,    0,    0,    8}},
    {ErrorKind::kIdMissing, "id_missing", "there is no ID number",
     "Not asked for at the door; children have none at hand; old files.",                   {  1,     5,   60,    40,   60,   15,    2,   20,  700}},
    {ErrorKind::kIdFifteen, "id_fifteen", "of people born before October 1999: the number has 15 digits",
     "Entered before the change to 18 digits (GB 11643-1999) and never renewed.",            {  2,    40,   20,    60,    0,  180,    5,   40,    0}},
    {ErrorKind::kIdDigit, "id_digit", "a digit of the number is wrong",
     "Typing, where the system does not compute the check digit.",                          {  0.2,   1.5,  8,     4,    4,    5,    0.5,  5,   15}},
    {ErrorKind::kIdSwap, "id_swap", "two neighbouring digits of the number change places",
     "Typing.",                                                                             {  0.1,   0.8,  4,     2,    2,    2,    0.3,  2,    6}},
    {ErrorKind::kIdCheck, "id_check", "the check digit is wrong",
     "X taken for a digit; made up to fill the field.",                                     {  0.1,   0.7,  3,     2,    1.5,  2,    0.3,  2,    6}},
    {ErrorKind::kIdForm, "id_form", "the number has a small x, spaces or full-width digits",
     "Free text columns.",                                                                  {  1,    10,   30,    20,   20,   20,    5,   20,   40}},
    {ErrorKind::kBirthMissing, "birth_missing", "there is no date of birth",
     "Not asked for.",                                                                      {  0,     2,   10,    10,    5,    0,    0,   10,  350}},
    {ErrorKind::kBirthSwap, "birth_swap", "of days up to the 12th: month and day change places",
     "Dates written day first, or read so by a spreadsheet.",                               {  0.2,   1,    4,     2,    2,    0,    0,    2,    6}},
    {ErrorKind::kBirthTypo, "birth_typo", "a digit of the date is wrong",
     "Typing.",                                                                             {  0.3,   1,    6,     3,    2,    0,    0,    4,   10}},
    {ErrorKind::kBirthLunar, "birth_lunar", "of people born before 1985: the day is that of the traditional calendar",
     "Older people name their birthday so.",                                                {  1,     2,   15,     2,    1,    0,    0,    8,   40}},
    {ErrorKind::kBirthNewYear, "birth_new_year", "the date is 1 January of the year",
     "Only the year or the age was known, and the field wants a day.",                      {  0.5,   2,   10,     2,    1,    0,    0,    6,   30}},
    {ErrorKind::kBirthYear, "birth_year", "the year is one off",
     "Ages by the traditional count (虚岁) taken for real ones.",                            {  0,     1,    3,     1,    1,    0,    0,    2,   25}},
    {ErrorKind::kSexWrong, "sex_wrong", "the sex is wrong",
     "The default of the form was left.",                                                   {  0.1,   1,    4,     1,    1,    0,    0,    2,    5}},
    {ErrorKind::kPhoneMissing, "phone_missing", "there is no phone number",
     "The household book never asked for one; people refuse.",                              {350,    40,   60,    80,   30,   60,   15,  120,   60}},
    {ErrorKind::kPhoneRelative, "phone_relative", "the number is a spouse's, parent's or child's",
     "The one who fills in the form gives their own. Schools always have a parent's: not counted here.",
                                                                                            { 60,    40,  120,    40,    0,   40,   10,  180,  150}},
    {ErrorKind::kPhoneTypo, "phone_typo", "a digit of the phone number is wrong",
     "Typing; phone numbers have no check digit.",                                          {  3,     5,   10,     8,    8,    8,    3,   10,   15}},
    {ErrorKind::kPhoneForm, "phone_form", "the number has spaces, dashes, +86 or a remark",
     "Free text columns.",                                                                  {  5,    10,   40,    20,   20,   20,    5,   30,   60}},
    {ErrorKind::kAddressMissing, "address_missing", "there is no address",
     "The business does not need one.",                                                     {  0,    80,   40,    30,   20,    0,   60,   10,    5}},
    {ErrorKind::kAddressBook, "address_book", "the address is that of the household book, not of the home",
     "Copied from the ID card. In the police register the book's address is the right one.", {  0,   250,  100,   400,  120,    0,  150,  300,    0}},
    {ErrorKind::kAddressFree, "address_free", "the address is written freely",
     "Divisions dropped, road or estate alone, 3-2-501 or 三号楼二单元501 for 3号楼2单元501室.", {  5,   150,  200,   120,  180,   20,  120,  150,  850}},
    {ErrorKind::kAddressTypo, "address_typo", "a character or digit of the address is wrong",
     "Typing.",                                                                             {  2,     6,   10,     8,    8,    3,    6,   10,   20}},
    {ErrorKind::kAddressNoRoom, "address_no_room", "of addresses with a room: it is left out",
     "The letter arrives without it; people don't like to tell.",                           {  3,    60,   50,    60,   70,    5,   80,   60,   50}},
    {ErrorKind::kDuplicate, "duplicate", "the person has a second record, entered at another time",
     "Not found when the person came again, because name or number was written differently.", {  1,     8,   25,    10,    4,    5,   12,    3,   20}},
    {ErrorKind::kDeadKept, "dead_kept", "of the dead whom the register held: the record is still there as if alive",
     "Death is reported to the police and the undertaker, and travels slowly.",             { 20,    30,  180,    60,    0,    0,   10,  150,   60}},
    {ErrorKind::kLeftKept, "left_kept", "of those who left the district and were held: the record is still there",
     "Nobody signs off on leaving.",                                                        {  0,   100,  250,    80,   80,    0,   60,  300,  100}},
    {ErrorKind::kFirmShort, "firm_short", "of enterprises: the name lacks the division, the legal form or a part",
     "Nobody says 岚安市 and 有限公司; the sign over the door does not either.",               {  0,    60,    0,     0,    0,    0,    2,    0,  850}},
    {ErrorKind::kFirmCodeMissing, "firm_code_missing", "of enterprises: there is no credit code",
     "Enrolled before codes were unified in 2015.",                                          {  0,    40,    0,     0,    0,    0,    0,    0, 1000}},
    {ErrorKind::kPositionMissing, "position_missing", "of buildings: there are no coordinates",
     "Surveyed later than registered.",                                                      {  5,     0,    0,     0,    0,   80,    0,    0, 1000}},
}};
// clang-format on

constexpr std::string_view register_id(Register r) {
  constexpr std::string_view kIds[kRegisters] = {"police",  "social", "health",   "civil", "education",
                                                 "housing", "tax",    "disabled", "grid"};
  return kIds[static_cast<size_t>(r)];
}

/// The table as Markdown, for docs/twin.md.
std::string error_table_markdown();

/// How often an error could have happened, and did.
struct ErrorCount {
  uint64_t possible = 0;
  uint64_t made = 0;
};
using ErrorCounts = std::array<std::array<ErrorCount, kRegisters>, kErrorKinds>;

}  // namespace zhili::twin
