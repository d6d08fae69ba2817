#include "identity/directory.hpp"

#include <algorithm>
#include <utility>

namespace zhili::identity {
namespace {

/// What is in use and not there must not be left behind.
Status refuse_loose_ends(store::Transaction& tx, std::string_view sql, std::string_view what) {
  ZHILI_ASSIGN(const store::Rows rows, tx.query(sql));
  if (rows.empty()) return {};
  return fail(ErrorCode::kConstraint, {}, "End the posts and keys there first, and move the departments.",
              "The {} '{}' is in use and would go", what, rows[0].text(0));
}

Status require_row(store::Transaction& tx, std::string_view sql, const std::string& id, std::string_view what) {
  if (id.empty()) return {};
  ZHILI_ASSIGN(const store::Rows rows, tx.query(sql, {id}));
  if (!rows.empty()) return {};
  return fail(ErrorCode::kConstraint, {}, "Look at the list of them.", "There is no {} '{}'", what, id);
}

}  // namespace

Result<std::vector<Staffing>> staffing(store::Store& store, const std::vector<std::string>& roles) {
  ZHILI_ASSIGN(auto snapshot, store.read());
  ZHILI_ASSIGN(const auto posts,
               snapshot.query("SELECT DISTINCT p.department, p.role FROM post p JOIN account a ON a.id = p.account "
                              "WHERE a.state = 'active' AND (p.until IS NULL OR p.until > $1)",
                              {store.now()}));
  ZHILI_ASSIGN(const auto departments, snapshot.query("SELECT id, area FROM department ORDER BY id"));
  std::vector<Staffing> out;
  out.reserve(departments.size());
  for (const store::Row row : departments) {
    const bool staffed = std::any_of(posts.begin(), posts.end(), [&](const store::Row& post) {
      return post.text(0) == row.text(0) && std::ranges::find(roles, post.text(1)) != roles.end();
    });
    out.push_back({std::string(row.text(0)), std::string(row.text(1)), staffed});
  }
  return out;
}

Status require_place(store::Transaction& tx, const std::string& area, const std::string& department) {
  ZHILI_TRY(require_row(tx, "SELECT 1 FROM area WHERE id = $1", area, "area"));
  return require_row(tx, "SELECT 1 FROM department WHERE id = $1", department, "department");
}

Status Directory::set_areas(const AreaTree& areas, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM area"));
    for (const Area& area : areas.areas()) {
      ZHILI_TRY(
          tx.execute("INSERT INTO area (id, parent, level, name_zh, name_en, path) VALUES ($1, $2, $3, $4, $5, $6)",
                     {area.id, area.parent, area.level, area.name_zh, area.name_en, areas.path(area.id)}));
    }
    ZHILI_TRY(tx.execute("DELETE FROM area_shape WHERE area NOT IN (SELECT id FROM area)"));
    ZHILI_TRY(refuse_loose_ends(tx,
                                "SELECT area FROM (SELECT area FROM post UNION SELECT area FROM department UNION "
                                "SELECT area FROM api_key WHERE revoked IS NULL) used WHERE area <> '' AND "
                                "NOT EXISTS (SELECT 1 FROM area a WHERE a.id = used.area) ORDER BY area LIMIT 1",
                                "area"));
    return ground_.audit.record(tx, {EventKind::kAreasSet, by, {}, {}, {}, {}, now});
  });
}

Result<AreaTree> Directory::areas() const {
  ZHILI_ASSIGN(store::Snapshot snapshot, ground_.store.read());
  std::vector<Area> areas;
  ZHILI_TRY(snapshot.each(
      "SELECT id, parent, level, name_zh, name_en FROM area ORDER BY path", {}, [&](const store::Row& row) -> Status {
        areas.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                         std::string(row.text(3)), std::string(row.text(4))});
        return {};
      }));
  return AreaTree::create(std::move(areas));
}

Status Directory::set_shapes(const std::vector<AreaShape>& shapes, const std::string& by) {
  const int64_t now = ground_.store.now();
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM area_shape"));
    for (const AreaShape& shape : shapes) {
      ZHILI_TRY(
          tx.execute("INSERT INTO area_shape (area, geometry) SELECT id, CAST($2 AS TEXT) FROM area WHERE id = $1",
                     {shape.area, shape.geometry}));
    }
    return ground_.audit.record(tx, {EventKind::kAreasSet, by, {}, {}, {}, {}, now});
  });
}

Result<std::vector<AreaShape>> Directory::shapes() const {
  ZHILI_ASSIGN(store::Snapshot snapshot, ground_.store.read());
  std::vector<AreaShape> out;
  ZHILI_TRY(
      snapshot.each("SELECT area, geometry FROM area_shape ORDER BY area", {}, [&](const store::Row& row) -> Status {
        out.push_back({std::string(row.text(0)), std::string(row.text(1))});
        return {};
      }));
  return out;
}

Status Directory::set_departments(const std::vector<Department>& departments, const std::string& by) {
  const int64_t now = ground_.store.now();
  for (const Department& department : departments) {
    if (!is_plain_id(department.id)) {
      return fail(ErrorCode::kInput, {}, "An id has ASCII letters, digits, '-', '_' and '.' only, at most 64.",
                  "Department '{}' has a bad id", department.id.substr(0, limits::kIdBytes));
    }
  }
  return ground_.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM department"));
    for (const Department& department : departments) {
      const auto added = tx.execute(
          "INSERT INTO department (id, name_zh, name_en, area) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), "
          "CAST($3 AS TEXT), CAST($4 AS TEXT) WHERE $4 = '' OR EXISTS (SELECT 1 FROM area WHERE id = $4)",
          {department.id, department.name_zh, department.name_en, department.area});
      if (!added) return std::unexpected(added.error());
      if (*added == 0) {
        return fail(ErrorCode::kInput, {}, "Set the areas first.", "Department '{}' is for an unknown area",
                    department.id);
      }
    }
    ZHILI_TRY(refuse_loose_ends(tx,
                                "SELECT department FROM (SELECT department FROM post UNION SELECT department FROM "
                                "api_key WHERE revoked IS NULL) used WHERE department <> '' AND NOT EXISTS "
                                "(SELECT 1 FROM department d WHERE d.id = used.department) ORDER BY department LIMIT 1",
                                "department"));
    return ground_.audit.record(tx, {EventKind::kDepartmentsSet, by, {}, {}, {}, {}, now});
  });
}

Result<std::vector<Department>> Directory::departments() const {
  ZHILI_ASSIGN(store::Snapshot snapshot, ground_.store.read());
  std::vector<Department> out;
  ZHILI_TRY(snapshot.each(
      "SELECT id, name_zh, name_en, area FROM department ORDER BY id", {}, [&](const store::Row& row) -> Status {
        out.push_back(
            {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))});
        return {};
      }));
  return out;
}

}  // namespace zhili::identity
