#include "identity/actors.hpp"

#include <functional>

#include "store/like.hpp"
#include "store/store.hpp"

namespace zhili::identity {
Result<std::vector<NamedActor>> find_actors(const Ground& ground, std::string_view text, size_t limit) {
  ZHILI_ASSIGN(const store::Rows rows,
               ground.store.query("SELECT id, name, '' AS department FROM account WHERE lower(name) LIKE lower($1) "
                                  "ESCAPE '!' OR lower(login) LIKE lower($1) ESCAPE '!' UNION ALL "
                                  "SELECT id, name, department FROM api_key WHERE lower(name) LIKE lower($1) "
                                  "ESCAPE '!' ORDER BY 2, 1 LIMIT $2",
                                  {store::like_holding(text), static_cast<int64_t>(limit)}));
  std::vector<NamedActor> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    NamedActor actor{std::string(row.text(0)), std::string(row.text(1)), {}};
    if (!row.text(2).empty()) actor.departments.emplace_back(row.text(2));
    ZHILI_ASSIGN(const store::Rows posts,
                 ground.store.query("SELECT DISTINCT department FROM post WHERE account = $1 AND department <> '' "
                                    "ORDER BY department",
                                    {actor.id}));
    for (const store::Row post : posts) actor.departments.emplace_back(post.text(0));
    out.push_back(std::move(actor));
  }
  return out;
}

Result<std::set<std::string, std::less<>>> actors_of(const Ground& ground, std::string_view department) {
  ZHILI_ASSIGN(const store::Rows rows, ground.store.query("SELECT account FROM post WHERE department = $1 UNION "
                                                          "SELECT id FROM api_key WHERE department = $1",
                                                          {department}));
  std::set<std::string, std::less<>> out;
  for (const store::Row row : rows) out.emplace(row.text(0));
  return out;
}

}  // namespace zhili::identity
