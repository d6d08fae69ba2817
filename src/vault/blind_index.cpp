#include "vault/blind_index.hpp"

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
