#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "catalog/dataset.hpp"
#include "store/store.hpp"
#include "vault/sealer.hpp"
#include "vault/subject.hpp"

/// The blind index: keyed digests of values, by which subjects are found without opening any.
namespace zhili::vault {

inline constexpr size_t kIndexDigestBytes = 16;

/// The digest of one value, of kIndexDigestBytes; empty for what is no value of the field's type.
Result<std::string> index_digest(Sealer& sealer, const DataKey& key, std::string_view kind, const catalog::Field& field,
                                 std::string_view value);
/// Those of all values that a subject may be found by, one after the other.
Result<std::string> index_digests(Sealer& sealer, const DataKey& key, const catalog::EntityKind& kind,
                                  const std::vector<Value>& values);

/// Whether rows of a dataset can be looked for by values of the type.
bool is_look_up(catalog::ValueType type);
/// The digests of a dataset's row, the first that of its key; `key` is what `record_key` made.
Result<std::string> record_digest(Sealer& sealer, const DataKey& key, std::string_view dataset, std::string_view field,
                                  catalog::ValueType type, std::string_view value);
Result<std::string> record_digests(Sealer& sealer, const DataKey& key, const catalog::Dataset& dataset,
                                   const std::vector<Cell>& row);
/// The values of a dataset's key fields as one, in the order of its fields.
std::string record_key(const std::vector<std::string_view>& values);
std::string record_key(const catalog::Dataset& dataset, const std::vector<Cell>& row);
/// The digest by which a row is found by its key.
Result<std::string> key_digest(Sealer& sealer, const DataKey& key, std::string_view dataset, std::string_view row_key);
/// By which it is known whether a row changed.
Result<std::string> row_digest(Sealer& sealer, const DataKey& key, std::string_view row);

/// By which it is known whether a subject changed: of its place and its two documents, not yet sealed.
Result<std::string> content_digest(Sealer& sealer, const DataKey& key, std::string_view place, std::string_view golden,
                                   std::string_view provenance);

/// Within a change: removes a subject's row and its place in the index. Returns its version; 0 where it is not there.
Result<int64_t> take_out(store::Transaction& transaction, int64_t area_id, const std::string& kind,
                         const std::string& subject);

}  // namespace zhili::vault
