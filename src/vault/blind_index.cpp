#include "vault/blind_index.hpp"

#include <algorithm>

#include "vault/mask.hpp"

namespace zhili::vault {

Result<std::string> index_digest(Sealer& sealer, const DataKey& key, std::string_view kind, const catalog::Field& field,
                                 std::string_view value) {
  const std::string standard = standard_form(field.type, value);
  if (standard.empty()) return std::string();
  std::string bytes(kind);
  bytes.append(1, '\0').append(field.id).append(1, '\0').append(standard);
  ZHILI_ASSIGN(std::string digest, sealer.digest(key, Sealer::Digest::kIndex, bytes));
  digest.resize(kIndexDigestBytes);
  return digest;
}

Result<std::string> index_digests(Sealer& sealer, const DataKey& key, const catalog::EntityKind& kind,
                                  const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) {
    const catalog::Field* field = kind.find(value.field);
    if (field == nullptr || !field->look_up) continue;
    ZHILI_ASSIGN(const std::string digest, index_digest(sealer, key, kind.id, *field, value.text));
    out += digest;
  }
  return out;
}

bool is_look_up(catalog::ValueType type) {
  using catalog::ValueType;
  return type == ValueType::kIdNumber || type == ValueType::kCreditCode || type == ValueType::kPhone ||
         type == ValueType::kPersonName;
}

namespace {

constexpr char kFieldDomain = 1;  // No kind of entity begins so: its digests are never a record's.
constexpr char kKeyDomain = 2;

Result<std::string> short_digest(Sealer& sealer, const DataKey& key, std::string_view bytes) {
  ZHILI_ASSIGN(std::string digest, sealer.digest(key, Sealer::Digest::kIndex, bytes));
  digest.resize(kIndexDigestBytes);
  return digest;
}

std::string_view text_of(const std::vector<Cell>& row, std::string_view field) {
  const auto found = std::ranges::find(row, field, &Cell::field);
  return found == row.end() ? std::string_view() : std::string_view(found->text);
}

}  // namespace

Result<std::string> record_digest(Sealer& sealer, const DataKey& key, std::string_view dataset, std::string_view field,
                                  catalog::ValueType type, std::string_view value) {
  const std::string standard = standard_form(type, value);
  if (standard.empty()) return std::string();
  std::string bytes(1, kFieldDomain);
  bytes.append(dataset).append(1, '\0').append(field).append(1, '\0').append(standard);
  return short_digest(sealer, key, bytes);
}

std::string record_key(const std::vector<std::string_view>& values) {
  std::string out;
  for (const std::string_view value : values) {
    out += std::to_string(value.size());
    out += ':';
    out += value;
  }
  return out;
}

std::string record_key(const catalog::Dataset& dataset, const std::vector<Cell>& row) {
  std::vector<std::string_view> values;
  values.reserve(dataset.fields.size());
  for (const auto& field : dataset.fields) {
    if (field.key) values.push_back(text_of(row, field.id));
  }
  return record_key(values);
}

Result<std::string> key_digest(Sealer& sealer, const DataKey& key, std::string_view dataset, std::string_view row_key) {
  std::string bytes(1, kKeyDomain);
  bytes.append(dataset).append(1, '\0').append(row_key);
  return short_digest(sealer, key, bytes);
}

Result<std::string> record_digests(Sealer& sealer, const DataKey& key, const catalog::Dataset& dataset,
                                   const std::vector<Cell>& row) {
  ZHILI_ASSIGN(std::string out, key_digest(sealer, key, dataset.id, record_key(dataset, row)));
  for (const auto& field : dataset.fields) {
    if (!is_look_up(field.type)) continue;
    const std::string_view text = text_of(row, field.id);
    if (text.empty()) continue;
    ZHILI_ASSIGN(const std::string digest, record_digest(sealer, key, dataset.id, field.id, field.type, text));
    out += digest;
  }
  return out;
}

Result<std::string> row_digest(Sealer& sealer, const DataKey& key, std::string_view row) {
  return sealer.digest(key, Sealer::Digest::kContent, row);
}

Result<std::string> content_digest(Sealer& sealer, const DataKey& key, std::string_view place, std::string_view golden,
                                   std::string_view provenance) {
  return sealer.digest(key, Sealer::Digest::kContent,
                       fmt::format("{}|{}|{}|{}", place, golden.size(), golden, provenance));
}

Result<int64_t> take_out(store::Transaction& transaction, int64_t area_id, const std::string& kind,
                         const std::string& subject) {
  ZHILI_ASSIGN(const auto rows,
               transaction.query("SELECT version, digests FROM vault_subject WHERE area_id = $1 AND kind = $2 AND "
                                 "subject_id = $3",
                                 {area_id, kind, subject}));
  if (rows.empty()) return 0;
  const std::string digests(rows[0].bytes(1));
  for (size_t at = 0; at < digests.size(); at += kIndexDigestBytes) {
    ZHILI_TRY(transaction.execute(
        "DELETE FROM vault_index WHERE area_id = $1 AND kind = $2 AND digest = $3 AND subject_id = $4",
        {area_id, kind, store::Bytes{digests.substr(at, kIndexDigestBytes)}, subject}));
  }
  ZHILI_TRY(transaction.execute("DELETE FROM vault_subject WHERE area_id = $1 AND kind = $2 AND subject_id = $3",
                                {area_id, kind, subject}));
  return rows[0].int64(0);
}

}  // namespace zhili::vault
