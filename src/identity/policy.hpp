#pragma once

#include <bitset>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "identity/area_tree.hpp"

/// Who may do what: the rules of an installation, as docs/identity.md describes them.
namespace zhili::identity {

enum class Effect : uint8_t { kAllow, kDeny };

/// What of the resources a rule speaks of, seen from the post that the actor acts in.
enum class Scope : uint8_t {
  kEverything,
  kArea,        ///< What lies in the post's area, or below it.
  kDepartment,  ///< What the post's department owns.
  kOwn,         ///< What is about the actor.
};

/// A word with what people read for it.
struct Term {
  std::string id;
  std::string zh;
  std::string en;
};

/// Words that a policy declares: roles, actions, kinds of resource, purposes. At most limits::kPolicyTerms.
class Terms {
 public:
  /// False where the id is there already.
  bool add(Term term);
  std::optional<uint32_t> find(std::string_view id) const;
  const std::vector<Term>& all() const { return terms_; }
  std::vector<std::string> ids() const;

 private:
  std::vector<Term> terms_;
  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> index_;
};

using TermSet = std::bitset<limits::kPolicyTerms>;

struct Rule {
  std::string id;
  Effect effect = Effect::kAllow;
  TermSet roles;
  bool every_role = false;  ///< Written as `any`: a deny then meets roles that the policy does not know, too.
  TermSet actions;
  TermSet resources;
  Scope scope = Scope::kArea;
  TermSet purposes;
  bool every_purpose = false;  ///< No purposes are written: none needs to be named.
  /// Of an allow, the highest grade of field that it opens; of a deny, the lowest that it closes.
  int grade = 1;
  /// An allow holds only with a second factor; a deny holds only without one.
  bool second_factor = false;
  std::string note_zh;  ///< Shown to who is refused, or asks why.
  std::string note_en;
};

/// A policy that is whole: every word that a rule names is declared.
struct Policy {
  Terms roles;
  Terms actions;
  Terms resources;
  Terms purposes;
  std::vector<Rule> rules;

  const Rule* find(std::string_view rule) const;
};

/// `file` is named in errors. Errors: kConfig with all mistakes, each with its place; kLimit.
Result<Policy> parse_policy(std::string_view yaml, const std::string& file);
Result<Policy> load_policy(const std::filesystem::path& path);

/// The policy that the program brings along, as YAML: a start for an installation's own.
std::string_view default_policy_yaml();

}  // namespace zhili::identity
