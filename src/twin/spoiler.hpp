#pragma once

#include <array>
#include <string>

#include "base/random.hpp"
#include "twin/address_text.hpp"
#include "twin/calendar.hpp"
#include "twin/confusion.hpp"
#include "twin/errors.hpp"
#include "twin/names.hpp"

namespace zhili::twin {

/// What a register knows of a person, before it is written in the register's own form.
struct Facts {
  Name name;
  Sex sex = Sex::kFemale;
  Day birth = 0;
  std::string id;
  std::string phone;
  Address address;
};

/// The same as it came to stand in the register.
struct Entries {
  std::string name;
  Sex sex = Sex::kFemale;
  std::string birth;  ///< Eight digits, which need not be a day; empty when missing.
  std::string id;
  std::string phone;
  std::string address;
};

/// Makes the errors of kErrorTable, each with its rate times `scale`, and counts them. One for each thread's piece of
/// work.
class Spoiler {
 public:
  Spoiler(const Confusion& confusion, double scale, Random& random, ErrorCounts& counts)
      : confusion_(confusion), scale_(scale), random_(random), counts_(counts) {}

  /// True as often as the table says; counts.
  bool hit(ErrorKind kind, Register where);
  /// Spoils everything but the address and the phone.
  Entries spoil(const Facts& facts, Register where);
  /// `relative` is the number of somebody close, empty where there is none.
  std::string phone(const std::string& own, const std::string& relative, Register where);
  std::string address(const Address& address, const AddressStyle& usual, Register where);
  /// An address of a thing that is no home: only style and typing go wrong.
  std::string place(const Address& address, const AddressStyle& usual, Register where);

 private:
  std::string name(const Facts& facts, Register where);
  std::string nick(const Facts& facts);
  std::string id(const Facts& facts, Register where);
  std::string birth(const Facts& facts, Register where);

  const Confusion& confusion_;
  double scale_;
  Random& random_;
  ErrorCounts& counts_;
};

}  // namespace zhili::twin
