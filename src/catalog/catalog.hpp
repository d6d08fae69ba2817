#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/element.hpp"

/// What an installation knows about its data: packs, their kinds of entities with graded fields, their registers, and
/// the legal bases on which they may be used.
namespace zhili::catalog {

/// How a value is shown to who may not see it whole.
enum class MaskKind : uint8_t {
  kNone,      ///< It has no masked form: it is shown whole or not at all.
  kName,      ///< 张*丰
  kIdNumber,  ///< 9901**********1237
  kPhone,     ///< 138****1111
  kAddress,   ///< Down to the road.
  kYear,      ///< The year of a date.
  kFirst,     ///< The first character.
};
std::string_view name_of(MaskKind mask);

/// One field of an entity.
struct Field {
  std::string id;
  Title title;
  ValueType type = ValueType::kText;
  int grade = 1;         ///< Of the whole value, 1 to limits::kGrades.
  int masked_grade = 1;  ///< Of its masked form; without a word in the file one below `grade`.
  MaskKind mask = MaskKind::kNone;
  bool look_up = false;  ///< An entity may be looked for by it.
  bool operator==(const Field&) const = default;
};

/// A kind of entity: person, household, enterprise, place.
struct EntityKind {
  std::string id;
  std::string pack;
  Title title;
  std::string resource;       ///< The word that permission rules know it by.
  int reasons_grade = 1;      ///< Of the records and links that an entity was made from.
  std::vector<Field> fields;  ///< In the order of the file.

  const Field* find(std::string_view field) const;
};

/// A law or a rule on which data is used.
struct LegalBasis {
  std::string id;  ///< "pipl-13-1-3": stands in ledgers and in the audit log.
  std::string pack;
  std::string title;
  std::vector<int> articles;
  std::string reason;                 ///< What it allows, in words.
  std::vector<std::string> purposes;  ///< That it carries.

  bool carries(std::string_view purpose) const;
};

/// A register of a department.
struct Source {
  std::string id;
  std::string pack;
  std::string owner;  ///< The department.
  std::string register_name;
};

/// A purpose that a pack's own jobs have.
struct Purpose {
  std::string id;
  std::string pack;
  Title title;
};

struct Pack {
  std::string id;
  std::string version;
  Title title;
  Title description;
  std::vector<std::string> registers;  ///< That it proposes (registers.hpp); who holds a fact first stands first.
};

/// A text that says what may be done with data: a file of a pack, or the policy.
struct GoverningText {
  std::string id;  ///< "lamp/datasets/lamp.yaml", "policy.yaml".
  std::string text;
  bool operator==(const GoverningText&) const = default;
};

/// The packs of a directory, whole and checked. A value: copies are independent.
class Catalog {
 public:
  /// Reads `dir`/*/pack.yaml, and the datasets/*.yaml and standards/*.yaml beside each. Errors: kConfig with all
  /// mistakes of a file, each with its place; also where two packs have one kind, basis, purpose, source or data
  /// element of the same id. kIo, kLimit.
  static Result<Catalog> load(const std::filesystem::path& dir);
  Catalog() = default;

  const std::vector<Pack>& packs() const { return packs_; }
  const std::vector<EntityKind>& kinds() const { return kinds_; }
  const std::vector<LegalBasis>& legal_bases() const { return legal_bases_; }
  const std::vector<Source>& sources() const { return sources_; }
  const std::vector<Purpose>& purposes() const { return purposes_; }
  const std::vector<Element>& elements() const { return elements_; }
  /// The texts of what was read, by names that do not tell where they lie: "lamp/datasets/lamp.yaml".
  const std::vector<GoverningText>& texts() const { return texts_; }

  /// Null where there is none.
  const EntityKind* kind(std::string_view id) const;
  const LegalBasis* legal_basis(std::string_view id) const;
  const Source* source(std::string_view id) const;
  const Element* element(std::string_view id) const;

  /// Adds a pack by the texts of its files, with their names. Errors as of `load`.
  struct File {
    std::string name;
    std::string yaml;
  };
  Status add(const File& pack, const std::vector<File>& datasets, const std::vector<File>& standards = {});
  /// Adds the pack that lies in `dir`. Errors as of `load`.
  Status add_directory(const std::filesystem::path& dir);

 private:
  std::vector<Pack> packs_;
  std::vector<EntityKind> kinds_;
  std::vector<LegalBasis> legal_bases_;
  std::vector<Source> sources_;
  std::vector<Purpose> purposes_;
  std::vector<Element> elements_;
  std::vector<GoverningText> texts_;
};

}  // namespace zhili::catalog
