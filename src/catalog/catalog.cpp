#include "catalog/catalog.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "catalog/keys.hpp"
#include "catalog/parser.hpp"

namespace zhili::catalog {
namespace fs = std::filesystem;
namespace {

template <class Item>
const Item* find_by_id(const std::vector<Item>& items, std::string_view id) {
  const auto found = std::ranges::find(items, id, &Item::id);
  return found == items.end() ? nullptr : &*found;
}

/// Moves the items over; what another pack has already is an error.
template <class Item>
Status take(std::vector<Item>& all, std::vector<Item>& added, std::string_view what, const std::string& file) {
  for (Item& item : added) {
    if (const Item* other = find_by_id(all, item.id)) {
      return fail(ErrorCode::kConfig, {file, 0, 0}, "Rename one of the two, or take one pack out.",
                  "the {} '{}' is in pack '{}' already", what, item.id, other->pack);
    }
    all.push_back(std::move(item));
  }
  return {};
}

Result<Catalog::File> read(const fs::path& path) {
  ZHILI_ASSIGN(std::string yaml, read_file(path, limits::kYamlBytes));
  return Catalog::File{path.string(), std::move(yaml)};
}

/// Those of a directory that `wanted` takes, by name.
template <class Wanted>
Result<std::vector<fs::path>> list(const fs::path& dir, Wanted wanted) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator it(dir, ec), end; !ec && it != end; it.increment(ec)) {
    if (wanted(it->path())) out.push_back(it->path());
  }
  if (ec) {
    return fail(ErrorCode::kIo, {dir.string(), 0, 0}, "Check that the directory exists and can be read.",
                "cannot list: {}", ec.message());
  }
  if (out.size() > limits::kPacks) {
    return fail(ErrorCode::kLimit, {dir.string(), 0, 0}, "Take out what is not needed.", "{} files; the limit is {}",
                out.size(), limits::kPacks);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<std::vector<Catalog::File>> read_yaml_files(const fs::path& dir) {
  std::vector<Catalog::File> out;
  std::error_code ignored;
  if (!fs::is_directory(dir, ignored)) return out;
  ZHILI_ASSIGN(const auto files, list(dir, [](const fs::path& file) { return file.extension() == ".yaml"; }));
  out.reserve(files.size());
  for (const fs::path& path : files) {
    ZHILI_ASSIGN(Catalog::File file, read(path));
    out.push_back(std::move(file));
  }
  return out;
}

std::string_view name_of(ValueType type) { return keys::kTypes.at(static_cast<size_t>(type)); }
std::string_view name_of(MaskKind mask) { return keys::kMasks.at(static_cast<size_t>(mask)); }

const Field* EntityKind::find(std::string_view field) const { return find_by_id(fields, field); }
bool LegalBasis::carries(std::string_view purpose) const {
  return std::ranges::find(purposes, purpose) != purposes.end();
}
const EntityKind* Catalog::kind(std::string_view id) const { return find_by_id(kinds_, id); }
const LegalBasis* Catalog::legal_basis(std::string_view id) const { return find_by_id(legal_bases_, id); }
const Source* Catalog::source(std::string_view id) const { return find_by_id(sources_, id); }
const Element* Catalog::element(std::string_view id) const { return find_by_id(elements_, id); }

Status Catalog::add(const File& pack, const std::vector<File>& datasets, const std::vector<File>& standards) {
  ZHILI_ASSIGN(PackFile parsed, parse_pack(pack.yaml, pack.name));
  if (const Pack* other = find_by_id(packs_, parsed.pack.id)) {
    return fail(ErrorCode::kConfig, {pack.name, 0, 0}, "Rename one of the two.", "there is a pack '{}' already",
                other->id);
  }
  std::vector<EntityKind> kinds;
  for (const File& file : datasets) {
    ZHILI_ASSIGN(EntityKind kind, parse_dataset(file.yaml, file.name));
    kind.pack = parsed.pack.id;
    std::vector<EntityKind> one;
    one.push_back(std::move(kind));
    if (find_by_id(kinds_, one[0].id) != nullptr) ZHILI_TRY(take(kinds_, one, "dataset", file.name));
    ZHILI_TRY(take(kinds, one, "dataset", file.name));
  }
  for (const std::string& entity : parsed.entities) {
    if (find_by_id(kinds, entity) != nullptr) continue;
    return fail(
        ErrorCode::kConfig, {pack.name, 0, 0},
        fmt::format("Write datasets/{}.yaml with the grade of each field, or take it out of 'entities'.", entity),
        "the entity '{}' has no dataset", entity);
  }
  std::vector<Element> elements;
  for (const File& file : standards) {
    ZHILI_ASSIGN(auto some, parse_standards(file.yaml, file.name));
    for (Element& element : some) element.pack = parsed.pack.id;
    ZHILI_TRY(take(elements, some, "data element", file.name));
  }
  // People are shown the kinds in the order of the pack, which begins with what is looked for most.
  std::ranges::stable_sort(kinds, {}, [&](const EntityKind& kind) {
    return std::ranges::find(parsed.entities, kind.id) - parsed.entities.begin();
  });
  ZHILI_TRY(take(legal_bases_, parsed.legal_bases, "legal basis", pack.name));
  ZHILI_TRY(take(sources_, parsed.sources, "source", pack.name));
  ZHILI_TRY(take(purposes_, parsed.purposes, "purpose", pack.name));
  ZHILI_TRY(take(kinds_, kinds, "dataset", pack.name));
  ZHILI_TRY(take(elements_, elements, "data element", pack.name));
  texts_.push_back({parsed.pack.id + "/pack.yaml", pack.yaml});
  for (const auto& [folder, files] : {std::pair{"datasets", &datasets}, std::pair{"standards", &standards}}) {
    for (const File& file : *files) {
      texts_.push_back(
          {fmt::format("{}/{}/{}", parsed.pack.id, folder, fs::path(file.name).filename().string()), file.yaml});
    }
  }
  packs_.push_back(std::move(parsed.pack));
  return {};
}

Result<Catalog> Catalog::load(const fs::path& dir) {
  std::error_code ignored;
  ZHILI_ASSIGN(const auto packs,
               list(dir, [&](const fs::path& path) { return fs::is_regular_file(path / "pack.yaml", ignored); }));
  if (packs.empty()) {
    return fail(ErrorCode::kNotFound, {dir.string(), 0, 0}, "Name the directory that holds the packs' directories.",
                "there is no pack: no */pack.yaml");
  }
  Catalog catalog;
  for (const fs::path& path : packs) ZHILI_TRY(catalog.add_directory(path));
  return catalog;
}

Status Catalog::add_directory(const fs::path& dir) {
  ZHILI_ASSIGN(const File pack, read(dir / "pack.yaml"));
  ZHILI_ASSIGN(const auto datasets, read_yaml_files(dir / "datasets"));
  ZHILI_ASSIGN(const auto standards, read_yaml_files(dir / "standards"));
  return add(pack, datasets, standards);
}

}  // namespace zhili::catalog
