#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/contract.hpp"

namespace zhili::http {

/// Finds the operation of a path and a method. A name that is written out goes before a parameter. Immutable.
class Router {
 public:
  /// The operations outlive it. Error: kConfig where two answer to the same, or braces are not a whole segment.
  static Result<Router> create(const std::vector<Operation>& operations);
  Router(Router&&) noexcept = default;
  Router& operator=(Router&&) noexcept = default;
  ~Router() = default;

  struct Match {
    const Operation* operation = nullptr;  ///< Null where there is none.
    Request::Texts parameters;             ///< Of the path.
    std::string allowed;                   ///< Without an operation: the methods that the path has, e.g. "GET, HEAD".
  };
  Match find(Method method, const std::vector<std::string>& segments) const;

 private:
  struct Node {
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> named;
    std::unique_ptr<Node> any;
    std::array<const Operation*, kMethods> operations = {};  // By method.
    bool ends() const;
  };
  Router() : root_(std::make_unique<Node>()) {}
  static const Node* walk(const Node& node, const std::vector<std::string>& segments, size_t at);

  std::unique_ptr<Node> root_;
};

/// "/a/{b}" to {"a", "{b}"}.
std::vector<std::string_view> segments_of(std::string_view path);

}  // namespace zhili::http
