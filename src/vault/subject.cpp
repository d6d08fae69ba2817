#include "vault/subject.hpp"

#include <bit>

#include "base/limits.hpp"

namespace zhili::vault {
namespace {

constexpr char kValuesVersion = 1;
constexpr char kProvenanceVersion = 1;
constexpr char kRowVersion = 1;

void put_number(std::string& out, uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7f) | 0x80);
  out += static_cast<char>(number);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

void put_double(std::string& out, double number) {
  const auto bits = std::bit_cast<uint64_t>(number);
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>((bits >> shift) & 0xff);
}

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kInput, {}, "Bring the store back from its last backup.", "a sealed document is damaged");
}

/// Takes what the functions above put. Once something does not fit, everything after it is refused too.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  uint64_t number() {
    uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ >= bytes_.size()) return wrong();
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      // The tenth byte has one bit; and no number ends with an empty byte, so that each has one form.
      if ((shift == 63 && byte > 1) || (byte == 0 && shift > 0)) return wrong();
      out |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return out;
    }
    return wrong();
  }
  uint32_t small() {
    const uint64_t out = number();
    return out > UINT32_MAX ? static_cast<uint32_t>(wrong()) : static_cast<uint32_t>(out);
  }
  std::string text() {
    const uint64_t size = number();
    if (size > bytes_.size() - at_) {
      wrong();
      return {};
    }
    at_ += size;
    return std::string(bytes_.substr(at_ - size, size));
  }
  double real() {
    if (bytes_.size() - at_ < 8) return static_cast<double>(wrong());
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 8) bits |= uint64_t{static_cast<unsigned char>(bytes_[at_++])} << shift;
    return std::bit_cast<double>(bits);
  }
  char byte() {
    if (at_ >= bytes_.size()) return static_cast<char>(wrong());
    return bytes_[at_++];
  }
  /// How many items follow, of at least `least` bytes each.
  size_t count(size_t least) {
    const uint64_t out = number();
    return out > limits::kRecordsOfSubject || out > (bytes_.size() - at_) / least ? wrong() : out;
  }
  bool good_end() const { return good_ && at_ == bytes_.size(); }

 private:
  uint64_t wrong() {
    good_ = false;
    at_ = bytes_.size();
    return 0;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool good_ = true;
};

}  // namespace

std::string encode(const std::vector<Value>& values) {
  std::string out(1, kValuesVersion);
  put_number(out, values.size());
  for (const Value& value : values) {
    for (const std::string* text : {&value.field, &value.text, &value.source, &value.record, &value.time}) {
      put_text(out, *text);
    }
    put_number(out, value.differs);
  }
  return out;
}

std::string encode(const Provenance& provenance) {
  std::string out(1, kProvenanceVersion);
  put_number(out, provenance.records.size());
  for (const Record& record : provenance.records) {
    for (const std::string* text : {&record.source, &record.record, &record.time}) put_text(out, *text);
  }
  put_number(out, provenance.links.size());
  for (const Link& link : provenance.links) {
    put_number(out, link.a);
    put_number(out, link.b);
    put_double(out, link.weight);
    put_double(out, link.probability);
    put_text(out, link.parts);
  }
  return out;
}

std::string encode(const std::vector<Cell>& row) {
  std::string out(1, kRowVersion);
  put_number(out, row.size());
  for (const Cell& cell : row) {
    put_text(out, cell.field);
    put_text(out, cell.text);
  }
  return out;
}

Result<std::vector<Value>> decode_values(std::string_view bytes) {
  Taker taker(bytes);
  if (taker.byte() != kValuesVersion) return damaged();
  constexpr size_t kLeast = 6;
  std::vector<Value> values(taker.count(kLeast));
  for (Value& value : values) {
    for (std::string* text : {&value.field, &value.text, &value.source, &value.record, &value.time}) {
      *text = taker.text();
    }
    value.differs = taker.small();
  }
  if (!taker.good_end()) return damaged();
  return values;
}

Result<Provenance> decode_provenance(std::string_view bytes) {
  Taker taker(bytes);
  if (taker.byte() != kProvenanceVersion) return damaged();
  constexpr size_t kLeastRecord = 3;
  constexpr size_t kLeastLink = 19;
  Provenance out;
  out.records.resize(taker.count(kLeastRecord));
  for (Record& record : out.records) {
    for (std::string* text : {&record.source, &record.record, &record.time}) *text = taker.text();
  }
  out.links.resize(taker.count(kLeastLink));
  for (Link& link : out.links) {
    link.a = taker.small();
    link.b = taker.small();
    link.weight = taker.real();
    link.probability = taker.real();
    link.parts = taker.text();
    if (link.a >= out.records.size() || link.b >= out.records.size()) return damaged();
  }
  if (!taker.good_end()) return damaged();
  return out;
}

Result<std::vector<Cell>> decode_row(std::string_view bytes) {
  Taker taker(bytes);
  if (taker.byte() != kRowVersion) return damaged();
  constexpr size_t kLeast = 2;
  std::vector<Cell> row(taker.count(kLeast));
  for (Cell& cell : row) {
    cell.field = taker.text();
    cell.text = taker.text();
  }
  if (!taker.good_end()) return damaged();
  return row;
}

}  // namespace zhili::vault
