#pragma once

#include <string>
#include <vector>

#include "identity/area_tree.hpp"
#include "identity/ground.hpp"

namespace zhili::identity {

/// A body that owns datasets, cases and grants.
struct Department {
  std::string id;
  std::string name_zh;
  std::string name_en;
  std::string area;  ///< That it is responsible for; may be empty.
  bool operator==(const Department&) const = default;
};

/// An area's outline.
struct AreaShape {
  std::string area;
  std::string geometry;  ///< A GeoJSON geometry (RFC 7946), at most limits::kValueBytes.
  bool operator==(const AreaShape&) const = default;
};

/// The areas and departments of the installation, in the store.
class Directory {
 public:
  explicit Directory(const Ground& ground) : ground_(ground) {}

  /// Replaces all areas. Error: kConstraint where a post, a key or a department is for an area that would go.
  Status set_areas(const AreaTree& areas, const std::string& by);
  Result<AreaTree> areas() const;
  /// Replaces all outlines. Those of areas that are not there are passed over.
  Status set_shapes(const std::vector<AreaShape>& shapes, const std::string& by);
  /// By area.
  Result<std::vector<AreaShape>> shapes() const;
  /// Replaces all departments. Errors: kInput for bad ids and unknown areas; kConflict
  /// for a doubled id; kConstraint where a post or a
  /// key is in one that would go.
  Status set_departments(const std::vector<Department>& departments, const std::string& by);
  /// By id.
  Result<std::vector<Department>> departments() const;

 private:
  Ground ground_;
};

/// A department, and whether somebody who may sign in holds a post of one of some roles in it now.
struct Staffing {
  std::string department;
  std::string area;
  bool staffed = false;
};
/// By id.
Result<std::vector<Staffing>> staffing(store::Store& store, const std::vector<std::string>& roles);

/// Within a change: kConstraint where it names an area or a department that is not there. Either may be empty.
Status require_place(store::Transaction& tx, const std::string& area, const std::string& department);

}  // namespace zhili::identity
